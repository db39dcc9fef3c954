package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.ShopTraffic;
import io.tidemark.testkit.SharedStack;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** Stores, and local state, that do not hold any more what Kafka remembers was once put into them. */
class StoresLostIT {

    private static final long SEED = 5;

    @TempDir
    private Path directory;

    private Slice slice;

    @BeforeEach
    void seed() throws Exception {
        slice = new Slice(directory, "shop");
        slice.seedShop(SEED, 30, 20, 100);
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    @Test
    void a_warehouse_set_back_to_an_earlier_copy_catches_up() throws Exception {
        slice.start();
        slice.awaitEverything();
        slice.stop();
        String warehouse = slice.warehouseName();
        onServer("CREATE DATABASE " + warehouse + "_earlier TEMPLATE " + warehouse);
        slice.start();
        traffic(SEED, 200);
        slice.awaitEverything();
        slice.stop();

        onServer("DROP DATABASE " + warehouse);
        onServer("ALTER DATABASE " + warehouse + "_earlier RENAME TO " + warehouse);

        assertEverythingComesBack();
    }

    @Test
    void emptied_stores_are_filled_again() throws Exception {
        slice.start();
        traffic(SEED, 100);
        slice.awaitEverything();
        slice.stop();

        elasticsearch("DELETE", "/tidemark-applied," + indexes());
        try (Jedis redis = new Jedis(URI.create(SharedStack.redis().url()))) {
            redis.flushAll();
        }
        slice.executeInWarehouse("DROP SCHEMA public CASCADE; CREATE SCHEMA public");

        assertEverythingComesBack();
    }

    @Test
    void stores_emptied_while_everything_runs_are_filled_again() throws Exception {
        slice.start();
        traffic(SEED, 100);
        slice.awaitEverything();

        elasticsearch("DELETE", "/" + indexes());
        try (Jedis redis = new Jedis(URI.create(SharedStack.redis().url()))) {
            redis.flushAll();
        }

        traffic(SEED + 1, 20);
        slice.awaitEverything();
        slice.assertNoDrift(3);
    }

    @Test
    void a_cache_set_back_while_nothing_runs_is_filled_again() throws Exception {
        slice.start();
        traffic(SEED, 100);
        slice.awaitEverything();
        slice.stop();
        try (RedisBackup backup = RedisBackup.take()) {
            slice.start();
            traffic(SEED + 2, 100);
            slice.awaitEverything();
            slice.stop();
            backup.restore();
        }
        assertEverythingComesBack();
    }

    @Test
    void a_cache_set_back_while_everything_runs_is_filled_again() throws Exception {
        slice.start();
        traffic(SEED, 100);
        slice.awaitEverything();
        try (RedisBackup backup = RedisBackup.take()) {
            traffic(SEED + 2, 100);
            slice.awaitEverything();
            backup.restore();
        }
        traffic(SEED + 1, 20);
        slice.awaitEverything();
        slice.assertNoDrift(3);
    }

    @Test
    void local_state_that_a_crash_left_unreadable_is_made_anew() throws Exception {
        slice.start();
        traffic(SEED, 100);
        slice.awaitEverything();
        slice.stop();

        try (Stream<Path> files = Files.walk(slice.state())) {
            List<Path> manifests = files.filter(
                            file -> file.getFileName().toString().equals("CURRENT"))
                    .toList();
            assertThat(manifests).hasSizeGreaterThan(5);
            for (Path manifest : manifests.subList(3, manifests.size())) {
                Files.writeString(manifest, "MANIFEST-no-more\n");
            }
        }

        assertEverythingComesBack();
    }

    private void assertEverythingComesBack() throws Exception {
        slice.start();
        traffic(SEED + 1, 20);
        slice.awaitEverything();
        slice.assertNoDrift(3);
    }

    private void traffic(long seed, int transactions) {
        new ShopTraffic(slice::source).run(ShopTraffic.Plan.of(seed, transactions), commit -> {});
    }

    private static void onServer(String sql) throws SQLException {
        try (Connection connection = SharedStack.postgres().connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** This slice's indexes, whatever they are called: their alias tells. */
    private String indexes() throws Exception {
        String alias = slice.model("orders");
        List<String> names = elasticsearch("GET", "/_cat/aliases/" + alias + "?h=index")
                .lines()
                .toList();
        assertThat(names).isNotEmpty();
        return String.join(",", names);
    }

    private static String elasticsearch(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(SharedStack.elasticsearch().url() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body().strip();
    }
}
