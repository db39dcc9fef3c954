package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.TableId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys that change, each with the default identity and with whole old rows. */
class KeyIT {

    private static final String COLUMNS = "(id numeric, part text, note text, PRIMARY KEY (id, part))";

    private CapturedSource source;

    @BeforeEach
    void create() throws Exception {
        source = new CapturedSource();
        for (String table : new String[] {"by_key", "whole"}) {
            source.execute(
                    "CREATE TABLE " + table + COLUMNS,
                    "INSERT INTO " + table + " SELECT i, 'p', 'row ' || i FROM generate_series(1, 9) i");
        }
        source.execute("ALTER TABLE whole REPLICA IDENTITY FULL");
        source.capture("by_key", "whole");
    }

    @AfterEach
    void close() throws Exception {
        source.close();
    }

    private void both(String sql) throws Exception {
        source.execute(sql.replace("$t", "by_key"), sql.replace("$t", "whole"));
    }

    @Test
    void two_rows_that_swap_their_keys_end_up_swapped() throws Exception {
        both("BEGIN; UPDATE $t SET id = -1 WHERE id = 1; UPDATE $t SET id = 1 WHERE id = 2;"
                + " UPDATE $t SET id = 2 WHERE id = -1; COMMIT");
        both("BEGIN; DELETE FROM $t WHERE id = 3; UPDATE $t SET id = 3 WHERE id = 4;"
                + " INSERT INTO $t VALUES (4, 'p', 'again'); COMMIT");
        source.await();

        source.assertCaptured();
        assertThat(note("by_key", 1)).isEqualTo("row 2");
        assertThat(note("whole", 2)).isEqualTo("row 1");
    }

    @Test
    void a_key_change_that_is_last_in_its_transaction_is_whole_and_counted() throws Exception {
        both("BEGIN; INSERT INTO $t VALUES (20, 'p', 'first'); UPDATE $t SET id = id + 100 WHERE id = 5; COMMIT");
        source.stop();
        both("UPDATE $t SET part = 'q' WHERE id = 6");
        source.restart();
        both("UPDATE $t SET id = id + 100");
        source.await();

        source.assertCaptured();
        assertThat(source.operations("by_key").subList(9, 14)).containsExactly("c", "d", "c", "d", "c");
    }

    @Test
    void a_key_that_is_equal_after_the_change_is_an_update() throws Exception {
        both("UPDATE $t SET id = 7.00, note = 'same key' WHERE id = 7");
        both("UPDATE $t SET id = id, part = part WHERE id = 8");
        source.await();

        source.assertCaptured();
        assertThat(source.operations("by_key")).endsWith("u", "u");
        assertThat(source.operations("whole")).endsWith("u", "u");
    }

    private String note(String table, int id) {
        TableId of = CapturedSource.table(table);
        return source.topics()
                .fold(of)
                .get("{\"id\":" + id + ",\"part\":\"p\"}")
                .get("note")
                .textValue();
    }
}
