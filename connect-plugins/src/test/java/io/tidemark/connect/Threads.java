package io.tidemark.connect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The threads of another JVM. */
final class Threads {

    private Threads() {}

    /** Their names. */
    static List<String> of(long pid) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            Process process = new ProcessBuilder(jcmd, Long.toString(pid), "Thread.print")
                    .redirectErrorStream(true)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            List<String> threads = text.lines()
                    .filter(line -> line.startsWith("\""))
                    .map(line -> line.substring(1, line.indexOf('"', 1)))
                    .toList();
            if (threads.isEmpty()) {
                throw new IllegalStateException("jcmd did not reach " + pid + ": " + text);
            }
            return threads;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
