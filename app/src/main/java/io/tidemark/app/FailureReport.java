package io.tidemark.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Keeps the stack trace of a failure nobody foresaw in the log file, away from the terminal. */
final class FailureReport {

    /** The same property and default as in logback.xml. */
    private static final String PROPERTY = "tidemark.log.file";

    private static final String DEFAULT = ".tidemark/tidemark.log";

    private FailureReport() {}

    /** Appends to the log file, or to one among the temporary files where the log cannot be written. */
    static Optional<Path> write(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        Path log = Path.of(System.getProperty(PROPERTY, DEFAULT));
        Path fallback = Path.of(System.getProperty("java.io.tmpdir"), "tidemark.log");
        return List.of(log, fallback).stream()
                .filter(file -> append(file, Instant.now() + " internal error\n" + trace))
                .findFirst();
    }

    private static boolean append(Path file, String text) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
