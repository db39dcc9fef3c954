package io.tidemark.localstack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A server's log file from one start on. */
record ServerLog(Path file, long start) {

    private static final int LINES = 15;
    private static final int ERRORS = 5;
    private static final int BYTES = 64 * 1024;

    static ServerLog from(Path file) throws IOException {
        return new ServerLog(file, Files.exists(file) ? Files.size(file) : 0);
    }

    /**
     * The last lines since the start, and before them the first that are errors: a server that stops in order says much
     * after it said why. Or why they cannot be read.
     */
    String tail() {
        try {
            return end(text());
        } catch (IOException e) {
            return "(its log cannot be read: " + e + ")";
        }
    }

    /** Whether the server said that its port is not free. */
    boolean complainsOfPort() {
        try {
            return text().contains("ddress already in use");
        } catch (IOException e) {
            return false;
        }
    }

    private String text() throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            channel.position(Math.max(start, channel.size() - BYTES));
            ByteBuffer bytes = ByteBuffer.allocate(BYTES);
            int read;
            do {
                read = channel.read(bytes);
            } while (read > 0);
            return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
        }
    }

    private static String end(String text) {
        List<String> lines = text.lines().toList();
        int last = Math.max(0, lines.size() - LINES);
        Stream<String> errors = lines.subList(0, last).stream()
                .filter(line -> line.contains("ERROR") || line.contains("FATAL"))
                .limit(ERRORS);
        return Stream.concat(errors, lines.subList(last, lines.size()).stream()).collect(Collectors.joining("\n"));
    }
}
