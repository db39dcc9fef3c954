package io.tidemark.capture.internal.rows;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory for what a process needs while it lives, below {@code java.io.tmpdir}. The file {@code DIRECTORY.lock} beside it
 * is locked so long: a lock says who lives on whichever machine or in whichever container, as the number of a process does
 * not. Whoever can lock the file may delete the directory, and then the file.
 */
final class ScratchDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ScratchDirectory.class);
    private static final String PREFIX = "tidemark-rows-";
    private static final String LOCK = ".lock";

    /** Lock files of this process. To open and close one would give its lock back. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel locked;

    private ScratchDirectory(Path path, FileChannel locked) {
        this.path = path;
        this.locked = locked;
    }

    /** Makes one; those of processes that were killed go. */
    static ScratchDirectory make() {
        return make(Path.of(System.getProperty("java.io.tmpdir")));
    }

    static ScratchDirectory make(Path temporary) {
        try {
            deleteAbandoned(temporary);
            while (true) {
                Path path = Files.createTempDirectory(temporary, PREFIX);
                Path lock = lockOf(path);
                OWN.add(lock);
                FileChannel locked = FileChannel.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                if (locked.tryLock() != null && Files.exists(lock) && Files.exists(path)) {
                    return new ScratchDirectory(path, locked);
                }
                // Somebody else took it for abandoned before it was locked.
                locked.close();
                OWN.remove(lock);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    "Rows of topics cannot be kept in " + temporary + ": " + e
                            + ". Name another directory with TIDEMARK_JAVA_OPTS=-Djava.io.tmpdir=DIR",
                    e);
        }
    }

    private static Path lockOf(Path directory) {
        return directory.resolveSibling(directory.getFileName() + LOCK);
    }

    Path path() {
        return path;
    }

    private static void deleteAbandoned(Path temporary) throws IOException {
        try (Stream<Path> entries = Files.list(temporary)) {
            entries.filter(entry -> {
                        String name = entry.getFileName().toString();
                        return name.startsWith(PREFIX) && name.endsWith(LOCK) && !OWN.contains(entry);
                    })
                    .forEach(ScratchDirectory::deleteIfAbandoned);
        }
    }

    private static void deleteIfAbandoned(Path lock) {
        String name = lock.getFileName().toString();
        Path directory = lock.resolveSibling(name.substring(0, name.length() - LOCK.length()));
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            if (channel.tryLock() != null && delete(directory)) {
                Files.deleteIfExists(lock);
            }
        } catch (IOException e) {
            LOG.debug("{} is somebody else's, or gone", lock, e);
        }
    }

    /** Says whether it is gone. */
    private static boolean delete(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
            return true;
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("{} is of no more use and cannot be deleted: {}", directory, e.toString());
            return false;
        }
    }

    @Override
    public void close() {
        Path lock = lockOf(path);
        try (locked) {
            if (delete(path)) {
                Files.deleteIfExists(lock);
            }
        } catch (IOException e) {
            LOG.warn("{} is of no more use and cannot be deleted: {}", lock, e.toString());
        }
        OWN.remove(lock);
    }
}
