package io.tidemark.localstack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A server's log file from one start on. */
record ServerLog(Path file, long start) {

    private static final int LINES = 15;
    private static final int BYTES = 32 * 1024;

    static ServerLog from(Path file) throws IOException {
        return new ServerLog(file, Files.exists(file) ? Files.size(file) : 0);
    }

    /** The last lines since the start, or why they cannot be read. */
    String tail() {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            channel.position(Math.max(start, channel.size() - BYTES));
            ByteBuffer bytes = ByteBuffer.allocate(BYTES);
            int read;
            do {
                read = channel.read(bytes);
            } while (read > 0);
            return lastLines(StandardCharsets.UTF_8.decode(bytes.flip()).toString());
        } catch (IOException e) {
            return "(its log cannot be read: " + e + ")";
        }
    }

    /** Whether the server said that its port is not free. */
    boolean complainsOfPort() {
        return tail().contains("ddress already in use");
    }

    private static String lastLines(String text) {
        List<String> lines = text.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    }
}
