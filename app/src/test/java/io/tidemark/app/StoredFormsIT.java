package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.run.Slice;
import io.tidemark.reconciliation.Drift;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import io.tidemark.testkit.SharedStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** The shop's orders as Redis hashes that expire, in an index with settings of the user's, and as what only invalidates. */
@Timeout(300)
class StoredFormsIT {

    private static final Path SHOP = Path.of("..", "docs", "examples", "shop", "tidemark.yml");

    @TempDir
    private Path directory;

    private final String own = "forms" + ProcessHandle.current().pid();
    private final Jedis jedis = new Jedis(URI.create(SharedStack.redis().url()));
    private Slice slice;

    @BeforeEach
    void seed() throws Exception {
        String text = Files.readString(SHOP).replace("to: {search: orders, cache: \"order:{id}\"}", """
                to:
                      search:
                        index: NAME
                        settings: {number_of_shards: 2}
                        mapping: {properties: {lines: {type: nested}}}
                      cache: {key: "NAME:{id}", form: hash, ttl: 7d}
                  order-cache:
                    document: public.orders
                    fields: [status, total]
                    to: {cache: {key: "NAME-cached:{id}", form: invalidate}}
                """.strip()
                .replace("NAME", own));
        slice = new Slice(directory, "shop", Files.writeString(directory.resolve("written.yml"), text));
        slice.seedShop(3, 20, 10, 60);
    }

    @AfterEach
    void close() throws Exception {
        jedis.close();
        slice.close();
    }

    @Test
    void every_form_follows_the_source_and_what_holds_documents_is_compared() throws Exception {
        jedis.set(own + "-cached:5", "from before");
        slice.start();
        slice.awaitEverything();
        assertThat(jedis.exists(own + "-cached:5")).isFalse();
        jedis.set(own + "-cached:5", "status new");
        jedis.set(own + "-cached:6", "another");

        slice.execute("UPDATE orders SET status = 'shipped' WHERE id = 5");
        slice.awaitEverything();

        assertThat(jedis.exists(own + "-cached:5")).isFalse();
        assertThat(jedis.get(own + "-cached:6")).isEqualTo("another");
        assertThat(jedis.hget(own + ":5", "status")).isEqualTo("shipped");
        assertThat(jedis.ttl(own + ":5")).isPositive();
        slice.assertNoDrift(3);

        jedis.hset(own + ":7", "status", "lost");
        jedis.del(own + ":8");
        List<Report> drifted = slice.reconcile().stream()
                .filter(report -> report.verdict() == Verdict.DRIFT)
                .toList();
        assertThat(drifted).extracting(Report::store).containsExactly("cache");
        assertThat(drifted.get(0).drift())
                .extracting(Drift::key)
                .extracting(Object::toString)
                .containsExactlyInAnyOrder("{\"id\":7}", "{\"id\":8}");
    }

    @Test
    void what_only_invalidates_is_said_not_to_be_compared() {
        StringWriter err = new StringWriter();
        int exitCode = Main.run(
                new PrintWriter(new StringWriter()),
                new PrintWriter(err, true),
                "reconcile",
                slice.model("order-cache"),
                "-c",
                slice.configFile().toString());
        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString())
                .contains("in cache is not compared: it only invalidates what others cache")
                .contains("There is nothing to compare");
    }
}
