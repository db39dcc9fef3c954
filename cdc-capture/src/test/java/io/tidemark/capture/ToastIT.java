package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Large values, stored out of line, which an update that leaves them as they are does not send. */
class ToastIT {

    /** Different for each argument, incompressible, of 16 kB. */
    private static final String LARGE = "CREATE FUNCTION large(int) RETURNS text LANGUAGE sql IMMUTABLE"
            + " AS 'SELECT string_agg(md5(($1 * 1000 + i)::text), '''') FROM generate_series(1, 500) i'";

    private static final String COLUMNS = "id int PRIMARY KEY, n int, body text, tree jsonb, raw bytea, list text[]";

    private static final String ROW = "1, large(%1$d), jsonb_build_object('x', large(%1$d + 1), 'n', 1.10),"
            + " decode(large(%1$d + 2), 'hex'), ARRAY[large(%1$d + 3), NULL]";

    private CapturedSource source;

    @BeforeEach
    void create() throws Exception {
        source = new CapturedSource();
        source.execute(LARGE);
    }

    @AfterEach
    void close() throws Exception {
        source.close();
    }

    private void insert(String table, int id) throws Exception {
        source.execute("INSERT INTO " + table + " SELECT " + id + ", " + ROW.formatted(id * 10));
    }

    private void updateEveryWay(String table) throws Exception {
        insert(table, 3);
        source.execute(
                "UPDATE " + table + " SET n = n + 1",
                "UPDATE " + table + " SET id = id + 10 WHERE id <= 2",
                "UPDATE " + table + " SET body = NULL, n = 7 WHERE id = 3",
                "UPDATE " + table + " SET n = 8 WHERE id = 3",
                "UPDATE " + table + " SET body = large(77), tree = tree || '{\"y\": 2}' WHERE id = 11",
                "UPDATE " + table + " SET raw = NULL, id = 4 WHERE id = 12",
                "BEGIN; UPDATE " + table + " SET n = 9 WHERE id = 4; UPDATE " + table + " SET id = 5 WHERE id = 4;"
                        + " UPDATE " + table + " SET body = 'small' WHERE id = 5; UPDATE " + table
                        + " SET n = 10 WHERE id = 5; COMMIT");
        source.await();
        source.assertCaptured();
        assertThat(source.topics().fold(CapturedSource.table(table)))
                .containsOnlyKeys("{\"id\":11}", "{\"id\":3}", "{\"id\":5}");
    }

    @Test
    void with_whole_old_rows_every_update_is_exact() throws Exception {
        source.execute(
                "CREATE TABLE docs (" + COLUMNS + ")",
                "ALTER TABLE docs ALTER COLUMN body SET STORAGE EXTERNAL, ALTER COLUMN raw SET STORAGE EXTERNAL",
                "ALTER TABLE docs REPLICA IDENTITY FULL");
        insert("docs", 1);
        insert("docs", 2);
        source.capture("docs");

        updateEveryWay("docs");
    }

    @Test
    void what_the_doctor_says_makes_updates_exact_with_generated_columns_and_without() throws Exception {
        source.execute(
                "CREATE TABLE plain (" + COLUMNS + ")",
                "CREATE TABLE stored (" + COLUMNS + ", len int GENERATED ALWAYS AS (length(body)) STORED)",
                "CREATE TABLE computed (" + COLUMNS + ", \"twice so\" int GENERATED ALWAYS AS (n * 2) VIRTUAL)",
                "ALTER TABLE plain ALTER COLUMN body SET STORAGE EXTERNAL",
                "ALTER TABLE stored ALTER COLUMN body SET STORAGE EXTERNAL");
        for (String table : List.of("plain", "stored", "computed")) {
            insert(table, 1);
            insert(table, 2);
        }
        source.capture("plain", "stored", "computed");
        source.await();
        List<Finding> toast = toastFindings();
        assertThat(toast).hasSize(3).allSatisfy(finding -> {
            assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
            assertThat(finding.what()).contains("body, tree, raw, list");
        });

        for (Finding finding : toast) {
            source.execute(finding.sql().toArray(String[]::new));
        }

        assertThat(toastFindings()).isEmpty();
        assertThat(SourceDoctor.errors(source.settings(), table -> true)).isEmpty();
        for (String table : List.of("plain", "stored", "computed")) {
            updateEveryWay(table);
        }
    }

    private List<Finding> toastFindings() {
        return SourceDoctor.examine(source.settings(), table -> true).stream()
                .filter(finding -> finding.code() == FindingCode.TOAST)
                .toList();
    }

    @Test
    void under_the_default_identity_what_is_sent_is_captured_and_what_is_not_stops_capture_in_words() throws Exception {
        source.execute("CREATE TABLE docs (" + COLUMNS + ")");
        insert("docs", 1);
        source.capture("docs");
        insert("docs", 2);
        source.execute(
                "UPDATE docs SET body = large(50), tree = NULL, raw = NULL, list = NULL WHERE id = 1",
                "UPDATE docs SET body = NULL WHERE id = 1",
                "UPDATE docs SET body = 'small', n = 5 WHERE id = 1",
                "UPDATE docs SET n = 6, id = 9 WHERE id = 1");
        source.await();
        source.assertCaptured();
        int before = source.topics().changes(CapturedSource.table("docs")).size();

        source.execute("BEGIN; UPDATE docs SET n = 7 WHERE id = 9; UPDATE docs SET n = 7 WHERE id = 2; COMMIT");

        source.assertStops(
                "An update of public.docs left the large column 'body' unchanged",
                "ALTER TABLE \"public\".\"docs\" REPLICA IDENTITY FULL",
                "tidemark doctor");
        assertThat(source.topics().changes(CapturedSource.table("docs")))
                .as("nothing of the transaction is there")
                .hasSize(before);
    }

    @Test
    void a_changed_key_does_not_take_an_unsent_value_along_under_the_default_identity() throws Exception {
        source.execute("CREATE TABLE docs (" + COLUMNS + ")");
        insert("docs", 1);
        source.capture("docs");
        source.execute("UPDATE docs SET id = 2");

        source.assertStops("An update of public.docs left the large column 'body' unchanged");
    }

    /** Why the doctor has another advice for such tables: what the server does, which nothing of ours changes. */
    @Test
    void the_server_refuses_updates_of_whole_old_rows_with_generated_columns_that_are_not_published() throws Exception {
        source.execute(
                "CREATE TABLE stored (id int PRIMARY KEY, n int, g int GENERATED ALWAYS AS (n * 2) STORED)",
                "CREATE TABLE computed (id int PRIMARY KEY, n int, g int GENERATED ALWAYS AS (n * 2) VIRTUAL)",
                "INSERT INTO stored VALUES (1, 1)",
                "INSERT INTO computed VALUES (1, 1)",
                "ALTER TABLE stored REPLICA IDENTITY FULL",
                "ALTER TABLE computed REPLICA IDENTITY FULL",
                "CREATE PUBLICATION unpublished FOR TABLE stored, computed");
        assertThatThrownBy(() -> source.execute("UPDATE stored SET n = 2")).hasMessageContaining("cannot update table");
        assertThatThrownBy(() -> source.execute("DELETE FROM computed"))
                .hasMessageContaining("cannot delete from table");

        source.execute("ALTER PUBLICATION unpublished SET (publish_generated_columns = stored)");

        source.execute("UPDATE stored SET n = 2");
        assertThatThrownBy(() -> source.execute("UPDATE computed SET n = 2"))
                .hasMessageContaining("cannot update table");
    }
}
