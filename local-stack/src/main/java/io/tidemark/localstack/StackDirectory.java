package io.tidemark.localstack;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The directory of one stack, locked while the stack is up. A temporary one is deleted at the end. */
final class StackDirectory implements AutoCloseable {

    private static final String PREFIX = "tidemark-stack-";
    private static final String LOCK = ".lock";
    private static final Duration TIME_TO_LOCK = Duration.ofMinutes(1);

    /**
     * The directories this JVM has locked. Their lock files must not be opened again: a POSIX lock is lost as soon as
     * its process closes the file, through whichever descriptor.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final boolean temporary;
    private final FileChannel lock;

    private StackDirectory(Path path, boolean temporary, FileChannel lock) {
        this.path = path;
        this.temporary = temporary;
        this.lock = lock;
    }

    static StackDirectory open(Optional<Path> named) {
        try {
            return named.isPresent() ? openNamed(named.get().toAbsolutePath()) : openTemporary();
        } catch (IOException e) {
            throw new LocalStackException(
                    LocalStackException.Reason.DIRECTORY,
                    "Cannot use " + named.map(Path::toString).orElse("the directory for temporary files") + ": " + e,
                    e);
        }
    }

    Path path() {
        return path;
    }

    boolean isTemporary() {
        return temporary;
    }

    @Override
    public void close() {
        try {
            Path real = path.toRealPath();
            if (temporary) {
                Directories.delete(path);
            }
            unlock(real, lock);
        } catch (IOException e) {
            throw new LocalStackException(LocalStackException.Reason.DIRECTORY, "Cannot delete " + path + ": " + e, e);
        }
    }

    private static StackDirectory openNamed(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            Directories.openToAll(Files.createDirectories(path));
        }
        FileChannel lock = tryLock(path);
        if (lock == null) {
            throw new LocalStackException(
                    LocalStackException.Reason.DIRECTORY,
                    path + " is in use by another stack. Stop that one, or choose another directory.");
        }
        return new StackDirectory(path, false, lock);
    }

    private static StackDirectory openTemporary() throws IOException {
        sweep(Path.of(System.getProperty("java.io.tmpdir")));
        Path path = Files.createTempDirectory(PREFIX);
        Directories.openToAll(path);
        FileChannel lock = tryLock(path);
        if (lock == null) {
            throw new IOException("Somebody else locked the new directory " + path);
        }
        return new StackDirectory(path, true, lock);
    }

    /** Deletes temporary stacks of ours that a killed JVM left. */
    private static void sweep(Path parent) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path path : found) {
                if (isOldAndOurs(path)) {
                    sweepUnlessLocked(path);
                }
            }
        } catch (NoSuchFileException | DirectoryIteratorException e) {
            // another JVM swept at the same time; what it left is for the next
        }
    }

    private static void sweepUnlessLocked(Path path) throws IOException {
        Path real = path.toRealPath();
        FileChannel lock = tryLock(path);
        if (lock == null) {
            return;
        }
        try {
            Directories.delete(path);
        } finally {
            unlock(real, lock);
        }
    }

    private static boolean isOldAndOurs(Path path) throws IOException {
        Instant youngest = Instant.now().minus(TIME_TO_LOCK);
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                && (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS) == Account.uid()
                && Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS)
                        .toInstant()
                        .isBefore(youngest);
    }

    /** The lock's open file; null when somebody holds it. The system releases it when its process ends. */
    private static @Nullable FileChannel tryLock(Path directory) throws IOException {
        Path real = directory.toRealPath();
        if (!HELD.add(real)) {
            return null;
        }
        FileChannel channel = openLocked(real);
        if (channel == null) {
            HELD.remove(real);
        }
        return channel;
    }

    private static @Nullable FileChannel openLocked(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            return null;
        }
        return channel;
    }

    private static void unlock(Path real, FileChannel lock) throws IOException {
        lock.close();
        HELD.remove(real);
    }
}
