package io.tidemark.capture.internal.rows;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A directory for what a process needs while it lives, below {@code java.io.tmpdir}. */
final class ScratchDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ScratchDirectory.class);
    private static final String PREFIX = "tidemark-rows-";
    private static final Pattern OF_PROCESS = Pattern.compile(PREFIX + "(\\d+)-.*");

    private final Path path;

    private ScratchDirectory(Path path) {
        this.path = path;
    }

    /** Makes one; those of processes that were killed go. */
    static ScratchDirectory make() {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            abandoned(temporary).forEach(ScratchDirectory::delete);
            return new ScratchDirectory(Files.createTempDirectory(
                    temporary, PREFIX + ProcessHandle.current().pid() + "-"));
        } catch (IOException | UncheckedIOException e) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    "Rows of topics cannot be kept in " + temporary + ": " + e
                            + ". Name another directory with TIDEMARK_JAVA_OPTS=-Djava.io.tmpdir=DIR",
                    e);
        }
    }

    Path path() {
        return path;
    }

    private static List<Path> abandoned(Path temporary) throws IOException {
        try (Stream<Path> entries = Files.list(temporary)) {
            return entries.filter(ScratchDirectory::isAbandoned).toList();
        }
    }

    private static boolean isAbandoned(Path directory) {
        Matcher name = OF_PROCESS.matcher(directory.getFileName().toString());
        return name.matches()
                && Optional.of(name.group(1))
                        .map(Long::valueOf)
                        .flatMap(ProcessHandle::of)
                        .isEmpty();
    }

    private static void delete(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("{} is of no more use and cannot be deleted: {}", directory, e.toString());
        }
    }

    @Override
    public void close() {
        delete(path);
    }
}
