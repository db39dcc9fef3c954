package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.model.RowKey;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.testkit.SharedStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** Documents that something else than the primary key tells apart, in each kind of store. */
@Timeout(300)
class DocumentKeyIT {

    private static final Path CATALOGUE = Path.of("src", "test", "resources", "keys");
    private static final int PRODUCTS = 40;

    @TempDir
    private Path directory;

    private Slice slice;

    @BeforeEach
    void makeTables() throws Exception {
        slice = new Slice(directory, "keys", CATALOGUE.resolve("tidemark.yml"));
        slice.execute(Files.readString(CATALOGUE.resolve("keys.sql")));
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    @Test
    void rows_that_change_swap_and_hand_over_their_keys_have_the_right_document_in_every_store() throws Exception {
        slice.start();
        slice.awaitEverything();
        assertThat(products("S1")).containsOnly("1");

        slice.execute(
                "BEGIN; UPDATE products SET sku = 'spare' WHERE id = 1; UPDATE products SET sku = 'S1' WHERE id = 2;"
                        + " UPDATE products SET sku = 'S2' WHERE id = 1; COMMIT");
        slice.execute(
                "BEGIN; DELETE FROM products WHERE id = 3; INSERT INTO products VALUES (900, 'S3', 'heir', 1); COMMIT");
        slice.execute("UPDATE products SET sku = 'N4' WHERE id = 4");
        slice.execute("UPDATE products SET id = 905 WHERE id = 5");
        slice.execute("UPDATE categories SET name = 'renamed' WHERE id = 1");
        slice.awaitEverything();

        assertThat(products("S1")).containsOnly("2");
        assertThat(products("S2")).containsOnly("1");
        assertThat(products("S3")).containsOnly("900");
        assertThat(products("S4")).containsOnly("none");
        assertThat(products("N4")).containsOnly("4");
        assertThat(products("S5")).containsOnly("905");
        assertThat(products("spare")).containsOnly("none");
        slice.assertNoDrift(5);
    }

    @Test
    void every_store_equals_the_source_through_traffic_a_truncate_and_a_restart() throws Exception {
        CompletableFuture<Void> first = CompletableFuture.runAsync(() -> traffic(1, 300));
        slice.start();
        first.get();
        slice.awaitEverything();
        slice.assertNoDrift(5);
        CompletableFuture<Void> more = CompletableFuture.runAsync(() -> traffic(2, 300));
        slice.stop();
        slice.start();
        more.get();
        slice.awaitEverything();
        slice.assertNoDrift(5);
        slice.execute("BEGIN; TRUNCATE products; INSERT INTO products SELECT 2000 + i, 'S' || i, 'new', 1"
                + " FROM generate_series(1, 20) i; COMMIT");
        slice.awaitEverything();
        assertThat(products("S7")).containsOnly("2007");
        slice.assertNoDrift(5);
    }

    @Test
    void drift_and_what_is_parked_are_known_by_the_key_of_the_document() throws Exception {
        slice.start();
        slice.awaitEverything();
        ReadModel model = slice.plan().model(slice.model("products"));
        String refused = slice.target("products", "cache").target().text().replace("{sku}", "S6");
        redis(jedis -> {
            jedis.del(refused);
            jedis.lpush(refused, "somebody else's");
        });
        slice.execute("UPDATE products SET name = 'changed' WHERE id = 6");
        slice.execute(
                "BEGIN; DELETE FROM products WHERE id = 6; INSERT INTO products VALUES (906, 'S6', 'heir', 1); COMMIT");
        slice.awaitEverything();
        slice.executeInWarehouse("delete from reporting.products where sku = 'S8'");

        assertThat(StoreAccess.ofCaptured(slice.plan()).parkedNow(model).get("cache"))
                .singleElement()
                .extracting(parked -> parked.id().key())
                .isEqualTo(key("S6"));
        assertThat(drift()).containsExactlyInAnyOrder("cache MISSING {\"sku\":\"S6\"}", "dw MISSING {\"sku\":\"S8\"}");
    }

    @Test
    void a_key_that_the_source_does_not_keep_unique_is_refused_with_its_place() throws Exception {
        assertRefused("sku", "products_sku_key", "DEFERRABLE");
        assertRefused("sku", "products_sku_key", "WHERE");
        slice.execute("ALTER TABLE products DROP CONSTRAINT products_sku_key");
        assertThatThrownBy(this::plan)
                .hasMessageContaining(":16:10: key: no UNIQUE constraint or index of public.products is over columns of"
                        + " the key alone, so two rows could have the same; ALTER TABLE \"public\".\"products\" ADD"
                        + " UNIQUE (\"sku\")");
        slice.execute("CREATE UNIQUE INDEX by_expression ON products (lower(sku))");
        slice.execute("CREATE UNIQUE INDEX with_another ON products (sku, name)");
        assertThatThrownBy(this::plan).hasMessageContaining("no UNIQUE constraint or index");
        slice.execute("CREATE UNIQUE INDEX including ON products (sku) INCLUDE (name)");
        assertThat(plan().models()).hasSize(2);
        slice.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'including'::regclass");
        assertThatThrownBy(this::plan).hasMessageContaining("the unique index 'including' is not valid");
        slice.execute("DROP INDEX including; CREATE UNIQUE INDEX one_column ON invoices (number);"
                + " ALTER TABLE invoices DROP CONSTRAINT invoices_tenant_number_key;"
                + " ALTER TABLE products ADD UNIQUE (sku)");
        assertThat(plan().models()).as("one column of the key is enough").hasSize(2);
        slice.execute("ALTER TABLE products ALTER COLUMN sku DROP NOT NULL");
        assertThatThrownBy(this::plan)
                .hasMessageContaining(
                        ":16:10: column 'sku' of public.products may be NULL, so a row could have no key");
        slice.execute("ALTER TABLE products ADD CONSTRAINT later NOT NULL sku NOT VALID");
        assertThatThrownBy(this::plan)
                .hasMessageContaining(":16:10: key: that column 'sku' is NOT NULL was never validated");
    }

    /** Has the constraint in another form, and then again as it was. */
    private void assertRefused(String column, String constraint, String form) throws SQLException {
        slice.execute("ALTER TABLE products DROP CONSTRAINT " + constraint);
        boolean partial = form.equals("WHERE");
        slice.execute(
                partial
                        ? "CREATE UNIQUE INDEX flawed ON products (" + column + ") WHERE id > 0"
                        : "ALTER TABLE products ADD CONSTRAINT flawed UNIQUE (" + column + ") " + form);
        assertThatThrownBy(this::plan)
                .hasMessageContaining(":16:10: key: the unique index 'flawed' "
                        + (partial ? "is of some rows only" : "is of a DEFERRABLE constraint")
                        + ", so two rows could have the same key");
        slice.execute(partial ? "DROP INDEX flawed" : "ALTER TABLE products DROP CONSTRAINT flawed");
        slice.execute("ALTER TABLE products ADD CONSTRAINT " + constraint + " UNIQUE (" + column + ")");
    }

    @Test
    void a_row_that_lost_its_key_stops_the_read_model() throws Exception {
        slice.start();
        slice.awaitEverything();
        slice.execute("ALTER TABLE products RENAME COLUMN sku TO code");
        slice.execute("UPDATE products SET name = 'x' WHERE id = 1");
        assertThatThrownBy(slice::awaitEverything)
                .hasMessageContaining("Rows of public.products have no column 'sku' any more");
        slice.stop();
        slice.execute("ALTER TABLE products RENAME COLUMN code TO sku");
        assertThat(products("S2")).as("nothing was deleted").containsOnly("2");
    }

    private Plan plan() {
        return PlanReader.read(TidemarkConfig.load(slice.configFile()));
    }

    private void traffic(long seed, int transactions) {
        Random random = new Random(seed);
        try (Connection connection = slice.source();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < transactions; i++) {
                for (String sql : transaction(random)) {
                    statement.execute(sql);
                }
                connection.commit();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> transaction(Random random) {
        String left = "'S" + (1 + random.nextInt(PRODUCTS)) + "'";
        String right = "'S" + (1 + random.nextInt(PRODUCTS)) + "'";
        int id = 1 + random.nextInt(PRODUCTS);
        return switch (random.nextInt(5)) {
            case 0, 1 ->
                List.of(
                        "UPDATE products SET sku = 'spare' WHERE sku = " + left,
                        "UPDATE products SET sku = " + left + " WHERE sku = " + right,
                        "UPDATE products SET sku = " + right + " WHERE sku = 'spare'");
            case 2 ->
                List.of(
                        "DELETE FROM products WHERE sku = " + left,
                        "INSERT INTO products VALUES (" + id + ", " + left
                                + ", 'heir', 2) ON CONFLICT (id) DO UPDATE SET sku = excluded.sku");
            case 3 ->
                List.of(
                        "UPDATE invoices SET number = -number WHERE id % 7 = " + random.nextInt(7),
                        "UPDATE invoices SET draft = NOT draft WHERE id % 5 = " + random.nextInt(5));
            default ->
                List.of(
                        "UPDATE products SET category_id = 3 - category_id WHERE id = " + id,
                        "UPDATE categories SET name = 'c" + id + "' WHERE id = 1");
        };
    }

    /** The id in the document of a key, in each store of the model. */
    private List<String> products(String sku) {
        return Stream.of("search", "cache", "dw")
                .map(store -> slice.document("products", store, key(sku))
                        .map(product -> product.get("id").asText())
                        .orElse("none"))
                .toList();
    }

    private static RowKey key(String sku) {
        return new RowKey("{\"sku\":\"" + sku + "\"}");
    }

    private List<String> drift() {
        return slice.reconcile().stream()
                .flatMap(report ->
                        report.drift().stream().map(drift -> report.store() + " " + drift.kind() + " " + drift.key()))
                .toList();
    }

    private static void redis(java.util.function.Consumer<Jedis> commands) {
        try (Jedis jedis = new Jedis(java.net.URI.create(SharedStack.redis().url()))) {
            commands.accept(jedis);
        }
    }
}
