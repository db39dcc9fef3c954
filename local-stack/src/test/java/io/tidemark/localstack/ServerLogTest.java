package io.tidemark.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerLogTest {

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("server.log");
    }

    private void log(String text) throws IOException {
        Files.writeString(file(), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Test
    void why_a_server_stopped_is_told_however_much_it_says_while_it_stops() throws IOException {
        log("ERROR of a start before: Address already in use\n");
        ServerLog log = ServerLog.from(file());
        assertThat(log.complainsOfPort()).isFalse();

        log("INFO starting\nERROR java.net.BindException: Address already in use\n" + "INFO stopping\n".repeat(40));

        assertThat(log.complainsOfPort()).isTrue();
        assertThat(log.tail().lines())
                .hasSize(16)
                .startsWith("ERROR java.net.BindException: Address already in use", "INFO stopping");
    }

    @Test
    void a_short_log_is_told_once() throws IOException {
        ServerLog log = ServerLog.from(file());
        log("ERROR one\ntwo\n");

        assertThat(log.tail()).isEqualTo("ERROR one\ntwo");
    }

    @Test
    void a_log_that_is_not_there_complains_of_nothing() {
        ServerLog log = new ServerLog(file(), 0);

        assertThat(log.complainsOfPort()).isFalse();
        assertThat(log.tail()).contains("cannot be read");
    }
}
