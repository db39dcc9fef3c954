package io.tidemark.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerCacheTest {

    @TempDir
    private Path directory;

    @Test
    void those_who_want_one_server_at_once_unpack_it_once_and_all_get_it_whole() throws Exception {
        AtomicInteger filled = new AtomicInteger();
        CountDownLatch together = new CountDownLatch(4);
        List<CompletableFuture<Path>> all = IntStream.range(0, 4)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> {
                            together.countDown();
                            try {
                                together.await(10, TimeUnit.SECONDS);
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            return new ServerCache(directory.resolve("servers")).get("a-server", into -> {
                                filled.incrementAndGet();
                                Files.writeString(into.resolve("bin"), "whole");
                            });
                        },
                        task -> new Thread(task).start()))
                .toList();

        for (CompletableFuture<Path> each : all) {
            assertThat(each.get(20, TimeUnit.SECONDS).resolve("bin")).hasContent("whole");
        }
        assertThat(filled).hasValue(1);
    }

    @Test
    void what_a_cleaner_of_temporary_files_took_a_part_of_is_unpacked_again() throws Exception {
        ServerCache cache = new ServerCache(directory.resolve("servers"));
        ServerCache.Filling filling = into -> {
            Files.writeString(into.resolve("a"), "1");
            Files.writeString(into.resolve("b"), "2");
        };
        Path server = cache.get("a-server", filling);
        Files.delete(server.resolve("a"));

        assertThat(cache.get("a-server", filling).resolve("a")).hasContent("1");
    }
}
