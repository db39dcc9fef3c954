package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Truncates of captured tables, as readers of the topics meet them. */
class TruncateIT {

    private static final TableId ITEMS = CapturedSource.table("items");

    private CapturedSource source;

    @BeforeEach
    void create() throws Exception {
        source = new CapturedSource();
        source.execute(
                "CREATE TABLE items (id serial PRIMARY KEY, words text)",
                "CREATE TABLE lines (item_id int REFERENCES items, no int, PRIMARY KEY (item_id, no))",
                "CREATE TABLE elsewhere (id int PRIMARY KEY)",
                "INSERT INTO items (words) SELECT 'old ' || i FROM generate_series(1, 20) i",
                "INSERT INTO lines SELECT id, 1 FROM items");
    }

    @AfterEach
    void close() throws Exception {
        source.close();
    }

    @Test
    void a_truncate_ends_the_rows_of_every_partition_and_those_after_it_stay() throws Exception {
        source.capture("items", "lines");
        source.execute("INSERT INTO items (words) VALUES ('before')");
        source.execute("TRUNCATE items CASCADE");
        source.execute("INSERT INTO items (id, words) VALUES (1, 'after'), (50, 'after')");
        source.await();

        source.assertCaptured();
        assertThat(source.topics().fold(ITEMS)).containsOnlyKeys("{\"id\":1}", "{\"id\":50}");
        assertThat(source.topics().fold(CapturedSource.table("lines"))).isEmpty();
        assertThat(source.topics().changes(ITEMS))
                .filteredOn(change -> change.operation().equals("t"))
                .allSatisfy(change -> assertThat(change.key()).isEqualTo(RowKey.TRUNCATE.json()))
                .extracting(CapturedTopics.ChangeRecord::partition)
                .containsExactlyInAnyOrder(0, 1, 2);
    }

    @Test
    void a_truncate_keeps_its_place_among_the_changes_of_its_transaction() throws Exception {
        source.capture("items", "lines");
        source.execute(
                "BEGIN; INSERT INTO items (words) VALUES ('gone'); UPDATE items SET words = 'gone too' WHERE id = 1;"
                        + " TRUNCATE lines, items, elsewhere RESTART IDENTITY; INSERT INTO items (words) VALUES ('kept');"
                        + " INSERT INTO lines VALUES (1, 7); COMMIT");
        source.execute("BEGIN; TRUNCATE lines; ROLLBACK");
        source.execute("BEGIN; SAVEPOINT s; TRUNCATE lines; ROLLBACK TO s; INSERT INTO lines VALUES (1, 8); COMMIT");
        source.await();

        source.assertCaptured();
        assertThat(source.topics().fold(ITEMS)).containsOnlyKeys("{\"id\":1}");
        assertThat(source.operations("items").subList(20, 24)).containsExactly("c", "u", "t", "c");
        assertThat(source.topics().fold(CapturedSource.table("lines"))).hasSize(2);
    }

    @Test
    void a_truncate_that_was_sent_again_after_a_stop_is_there_once() throws Exception {
        source.capture("items", "lines");
        source.execute("TRUNCATE items CASCADE");
        source.await();
        source.stop();
        source.execute("INSERT INTO items (words) VALUES ('between')");
        source.execute("BEGIN; TRUNCATE items CASCADE; TRUNCATE items CASCADE; COMMIT");
        source.restart();
        source.execute("INSERT INTO items (words) VALUES ('last')");
        source.await();

        source.assertCaptured();
        assertThat(source.topics().changes(ITEMS))
                .filteredOn(change -> change.operation().equals("t"))
                .hasSize(3 * CapturedSource.PARTITIONS);
    }

    @Test
    void a_truncate_of_tables_that_are_not_captured_is_no_change() throws Exception {
        source.capture("items");
        source.execute("TRUNCATE lines, elsewhere");
        source.execute("INSERT INTO items (words) VALUES ('next')");
        source.await();

        source.assertCaptured();
        assertThat(source.topics().tidemarks().stream().flatMap(each -> each.transactions().stream()))
                .hasSize(1);
    }

    @Test
    void a_truncate_in_a_transaction_of_several_parts_is_counted_once() throws Exception {
        source.capture("items", "lines");
        source.execute(
                "BEGIN; INSERT INTO items (words) SELECT 'x' FROM generate_series(1, 60000);"
                        + " TRUNCATE items CASCADE; INSERT INTO items (words) SELECT 'y' FROM generate_series(1, 60000); COMMIT");
        source.await();

        source.assertCaptured();
        assertThat(source.topics().fold(ITEMS)).hasSize(60_000);
    }
}
