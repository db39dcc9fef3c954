package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.TableId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Partitioned tables, captured under the name of their root. */
class PartitionIT {

    private static final TableId LOGS = CapturedSource.table("logs");

    private CapturedSource source;

    @BeforeEach
    void create() throws Exception {
        source = new CapturedSource();
        source.execute(
                "CREATE TABLE logs (id int, day date, note text, PRIMARY KEY (day, id)) PARTITION BY RANGE (day)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                // Other order of columns, one dropped: the server sends rows as the root has them.
                "CREATE TABLE logs_2 (gone int, note text, id int NOT NULL, day date NOT NULL)",
                "ALTER TABLE logs_2 DROP COLUMN gone",
                "ALTER TABLE logs ATTACH PARTITION logs_2 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
                "CREATE TABLE logs_3 PARTITION OF logs FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')"
                        + " PARTITION BY HASH (id)",
                "CREATE TABLE logs_3_0 PARTITION OF logs_3 FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                "CREATE TABLE logs_3_1 PARTITION OF logs_3 FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                "INSERT INTO logs SELECT i, date '2024-01-01' + i, 'old' FROM generate_series(0, 80) i");
    }

    @AfterEach
    void close() throws Exception {
        source.close();
    }

    @Test
    void rows_of_every_partition_arrive_as_the_roots_wherever_they_move() throws Exception {
        source.capture("logs");
        source.execute(
                "INSERT INTO logs VALUES (100, '2024-01-05', 'a'), (101, '2024-02-05', 'b'), (102, '2024-03-05', 'c')",
                "INSERT INTO logs_3_1 SELECT * FROM logs WHERE false",
                "UPDATE logs SET note = 'x' WHERE id % 3 = 0",
                "UPDATE logs SET day = day + 31 WHERE id IN (3, 100)",
                "UPDATE logs SET day = '2024-03-07' WHERE id IN (40, 41, 42)",
                "DELETE FROM logs WHERE id IN (5, 45, 70)",
                "UPDATE logs_2 SET note = 'by the partition' WHERE id = 50");
        source.await();

        source.assertCaptured();
        assertThat(source.topics().changes(LOGS))
                .noneMatch(change ->
                        change.envelope().at("/source/table").textValue().equals("logs_1"));
    }

    @Test
    void new_partitions_are_captured_and_a_truncate_of_the_root_is_one() throws Exception {
        source.capture("logs");
        source.execute("CREATE TABLE logs_4 PARTITION OF logs FOR VALUES FROM ('2024-04-01') TO ('2024-05-01')");
        source.execute("INSERT INTO logs VALUES (200, '2024-04-05', 'new')");
        source.await();
        source.assertCaptured();

        source.execute("BEGIN; TRUNCATE logs; INSERT INTO logs VALUES (1, '2024-04-05', 'again'); COMMIT");
        source.await();

        source.assertCaptured();
        assertThat(source.operations("logs")).endsWith("c", "t", "c");
    }

    @Test
    void a_column_of_a_partitioned_table_comes_and_goes() throws Exception {
        source.capture("logs");
        source.execute("ALTER TABLE logs ADD COLUMN more int", "INSERT INTO logs VALUES (1, '2024-02-03', 'a', 7)");
        source.execute("ALTER TABLE logs DROP COLUMN note", "INSERT INTO logs VALUES (2, '2024-03-03', 8)");
        source.await();

        source.assertCaptured();
        assertThat(source.columns("logs")).containsExactly("id integer", "day date", "more integer");
    }

    @Test
    void a_publication_that_sends_partitions_under_their_own_names_is_refused() throws Exception {
        source.execute("CREATE PUBLICATION " + source.publication() + " FOR TABLE logs");

        assertThatThrownBy(() -> source.capture("logs"))
                .hasMessageContaining("does not publish public.logs under its own name")
                .hasMessageContaining("SET (publish_via_partition_root = true)");
    }

    @Test
    void a_table_that_others_inherit_from_is_refused() throws Exception {
        source.execute("CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE child () INHERITS (parent)");

        assertThatThrownBy(() -> source.capture("parent"))
                .hasMessageContaining("public.child inherits from public.parent")
                .hasMessageContaining("NO INHERIT");
    }

    @Test
    void whole_old_rows_of_a_partition_fill_in_what_is_not_sent() throws Exception {
        source.execute(
                "ALTER TABLE logs_1 REPLICA IDENTITY FULL",
                "ALTER TABLE logs ALTER COLUMN note SET STORAGE EXTERNAL",
                "ALTER TABLE logs_1 ALTER COLUMN note SET STORAGE EXTERNAL",
                "ALTER TABLE logs_2 REPLICA IDENTITY FULL",
                "ALTER TABLE logs_2 ALTER COLUMN note SET STORAGE EXTERNAL");
        source.capture("logs");
        source.execute(
                "INSERT INTO logs VALUES (300, '2024-01-06', repeat('x', 10000)), (301, '2024-02-06', repeat('y', 10000))",
                "UPDATE logs SET id = id + 1000 WHERE id >= 300",
                "UPDATE logs SET day = day + 31 WHERE id = 1300");
        source.await();

        source.assertCaptured();
    }

    @Test
    void a_partition_that_is_attached_with_rows_or_detached_is_known_to_change_rows_at_the_next_one() throws Exception {
        source.capture("logs");
        source.execute("CREATE TABLE logs_5 PARTITION OF logs FOR VALUES FROM ('2024-05-01') TO ('2024-06-01')");
        source.execute("INSERT INTO logs VALUES (500, '2024-05-05', 'new')");
        source.await();
        assertThat(source.newestRelation("logs").partitions()).hasSize(5);
        assertThat(source.rowsChanged("logs")).isFalse();

        source.execute(
                "CREATE TABLE logs_6 (LIKE logs)",
                "INSERT INTO logs_6 VALUES (600, '2024-06-05', 'there before')",
                "ALTER TABLE logs ATTACH PARTITION logs_6 FOR VALUES FROM ('2024-06-01') TO ('2024-07-01')",
                "INSERT INTO logs VALUES (601, '2024-06-05', 'new')");
        source.await();
        assertThat(source.rowsChanged("logs")).isTrue();
        assertThat(source.differences(LOGS)).isEmpty();

        int described = source.relations("logs").size();
        source.execute("ALTER TABLE logs DETACH PARTITION logs_5");
        source.restart();
        source.execute("INSERT INTO logs VALUES (1, '2024-06-05', 'x')");
        source.await();
        assertThat(source.relations("logs")).hasSizeGreaterThan(described);
        assertThat(source.newestRelation("logs").partitions()).hasSize(5);
        assertThat(source.differences(LOGS)).isEmpty();
    }

    @Test
    void a_root_that_promises_whole_old_rows_does_not_make_nulls_of_what_its_partitions_do_not_send() throws Exception {
        source.execute(
                "ALTER TABLE logs REPLICA IDENTITY FULL", "ALTER TABLE logs_1 ALTER COLUMN note SET STORAGE EXTERNAL");
        source.capture("logs");
        source.execute(
                "INSERT INTO logs VALUES (300, '2024-01-06', repeat('x', 10000))",
                "UPDATE logs SET id = id + 1000 WHERE id = 300");

        source.assertStops("An update of public.logs left the large column 'note' unchanged");
    }
}
