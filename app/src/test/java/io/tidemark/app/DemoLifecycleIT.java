package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** However {@code tidemark demo} ends, nothing of it stays. */
@Timeout(180)
class DemoLifecycleIT {

    private static final Pattern STACK = Pattern.compile("/[^ ]*/tidemark-stack-[0-9]+");

    @TempDir
    private Path directory;

    private Process demo;
    private List<ProcessHandle> servers = List.of();
    private Path stack;

    @AfterEach
    void end() throws InterruptedException {
        demo.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    @Test
    void asked_to_stop_it_closes_in_order_and_says_so_in_one_line() throws Exception {
        start();
        awaitSaying("capturing");
        demo.destroy();
        assertEnd(143);
        assertThat(said().lines().reduce((before, last) -> last).orElse(""))
                .endsWith("stopped before the end; nothing of it is left running");
        assertThat(stack).doesNotExist();
    }

    @Test
    void asked_to_stop_while_servers_start_it_does() throws Exception {
        start();
        awaitSaying("Redis is ready");
        demo.destroy();
        assertEnd(143);
        assertThat(stack).doesNotExist();
    }

    @Test
    void killed_it_takes_its_servers_with_it() throws Exception {
        start();
        awaitSaying("seeded");
        demo.destroyForcibly();
        assertEnd(137);
    }

    @Test
    void a_server_that_dies_ends_it_by_its_name() throws Exception {
        start();
        awaitSaying("capturing");
        servers.stream()
                .filter(server -> server.info().command().orElse("").endsWith("redis-server"))
                .forEach(ProcessHandle::destroyForcibly);
        assertEnd(3);
        assertThat(said()).contains("tidemark: The demo's Redis ended while it was needed");
        assertThat(said()).doesNotContain("internal error", "Exception");
        assertThat(stack).doesNotExist();
    }

    private void start() throws IOException {
        demo = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-Dtidemark.servers=" + System.getProperty("tidemark.servers"),
                        "-Dtidemark.log.file=" + directory.resolve("demo.log"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "demo",
                        "--scale",
                        "0.02",
                        "--transactions",
                        "200")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("demo.txt").toFile())
                .start();
    }

    private String said() throws IOException {
        return Files.readString(directory.resolve("demo.txt"));
    }

    private void awaitSaying(String words) throws IOException {
        Awaitility.await(words).atMost(Duration.ofSeconds(90)).until(() -> said().contains(words) || !demo.isAlive());
        assertThat(said()).contains(words);
        servers = demo.descendants().toList();
        stack = stackDirectory();
    }

    private void assertEnd(int exitCode) throws Exception {
        assertThat(demo.waitFor(60, TimeUnit.SECONDS)).as(said()).isTrue();
        assertThat(demo.exitValue()).as(said()).isEqualTo(exitCode);
        Awaitility.await("servers gone").atMost(Duration.ofSeconds(10)).until(() -> servers.stream()
                .noneMatch(ProcessHandle::isAlive));
    }

    /** Where the servers' command lines say their files are. */
    private Path stackDirectory() {
        return servers.stream()
                .map(server -> STACK.matcher(server.info().commandLine().orElse("")))
                .filter(Matcher::find)
                .map(found -> Path.of(found.group()))
                .findFirst()
                .orElseThrow();
    }
}
