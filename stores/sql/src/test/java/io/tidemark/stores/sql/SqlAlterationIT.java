package io.tidemark.stores.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Operation;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.testkit.SharedStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Mirrors whose tables are altered in the source while a writer is open. */
class SqlAlterationIT {

    private static final Generation GENERATION = new Generation("warehouse", 1, "lineage-a");
    private static final String COLLECTION = "public.items";
    private static final Column ID = new Column("id", "integer", 23, false, 1, "");
    private static final Column NAME = new Column("name", "text", 25, true, 2, "");
    private static final Column NOTE = new Column("note", "text", 25, true, 3, "");
    private static final Column QUANTITY = new Column("quantity", "integer", 23, true, 4, "");
    private static final Relation FIRST = relation(1, 0, 0, ID, NAME, NOTE, QUANTITY);

    private final String url = SharedStack.freshDatabase();
    private final SqlSettings settings = new SqlSettings(
            url,
            SharedStack.postgres().superuser(),
            new Secret(SharedStack.postgres().password()));
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private Connection connection;
    private SqlMirrorWriter writer;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection(
                url, SharedStack.postgres().superuser(), SharedStack.postgres().password());
        toClose.add(connection);
        writer = opened();
        writer.describe(List.of(FIRST));
        assertThat(write(1, row(1, 1, "name", "a", "note", "n1", "quantity", 5), row(2, 1, "name", "b")))
                .allMatch(WriteOutcome::settled);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    private SqlMirrorWriter opened() {
        SqlMirrorWriter fresh = new SqlMirrorWriter(settings, new SqlMirror("m", List.of(FIRST), true), GENERATION, 1);
        toClose.add(fresh);
        fresh.open();
        return fresh;
    }

    private static Relation relation(int version, long from, long rowsFrom, Column... columns) {
        return new Relation(TableId.parse(COLLECTION), List.of(columns), List.of("id"), List.of(), version)
                .describing(new Version(from, 0), new Version(rowsFrom, 0));
    }

    private List<WriteOutcome> write(long tidemark, Document... rows) {
        return writer.write(
                List.of(rows), List.of(new AppliedTidemark(0, new TidemarkRef(tidemark, new Lsn(tidemark)))));
    }

    /** @param fields names and values */
    private static Document row(int id, long position, Object... fields) {
        ObjectNode body = Json.object().put("id", id);
        for (int i = 0; i < fields.length; i += 2) {
            body.set(String.valueOf(fields[i]), Json.parse(Json.canonical(toJson(fields[i + 1]))));
        }
        return new Document(COLLECTION, key(id), new Version(position, id), body).from(origin(position));
    }

    private static com.fasterxml.jackson.databind.JsonNode toJson(Object value) {
        return value instanceof Integer number
                ? Json.parse(number.toString())
                : Json.object().put("v", value.toString()).get("v");
    }

    private static RowKey key(int id) {
        return new RowKey("{\"id\":" + id + "}");
    }

    private static Document.Origin origin(long position) {
        return new Document.Origin(Operation.UPDATE, Instant.ofEpochSecond(position));
    }

    private List<String> rows(String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }

    private List<String> current() throws SQLException {
        return rows("select (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(t)) where key not like"
                + " '\\_tidemark%')::text from m.items t order by id");
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void columns_come_go_and_change_their_names_with_the_rows_that_are_described_so() throws SQLException {
        Column added = new Column("added", "numeric(10,2)", 1700, true, 5, "");
        Column title = new Column("title", "text", 25, true, 2, "");
        writer.describe(List.of(FIRST, relation(2, 5, 5, ID, title, QUANTITY, added)));

        assertThat(write(5, row(1, 5, "title", "a", "quantity", 5, "added", 7), row(2, 5, "title", "b")))
                .containsOnly(WriteOutcome.applied());

        assertThat(current())
                .containsExactly(
                        "{\"id\": 1, \"added\": 7.00, \"title\": \"a\", \"quantity\": 5}",
                        "{\"id\": 2, \"added\": null, \"title\": \"b\", \"quantity\": null}");
        assertThat(rows("select count(*) from m.items_history where name = 'a' and note = 'n1' and title is null"))
                .as("versions keep the columns that are gone")
                .containsExactly("1");
    }

    @Test
    void what_is_taken_back_alters_nothing_and_is_altered_when_it_is_written_again() throws SQLException {
        Column counted = new Column("counted", "integer", 23, true, 4, "");
        writer.describe(List.of(FIRST, relation(2, 5, 0, ID, NAME, NOTE, counted)));
        var poison = row(2, 5, "name", "\0");

        assertThat(write(5, row(1, 5, "counted", 9), poison)).anyMatch(WriteOutcome.Rejected.class::isInstance);
        assertThat(rows("select count(quantity) from m.items")).containsExactly("1");
        assertThat(write(5, row(1, 5, "counted", 9))).containsOnly(WriteOutcome.applied());
        assertThat(write(6, row(1, 6, "counted", 10))).containsOnly(WriteOutcome.applied());

        assertThat(rows("select counted::text from m.items where id = 1")).containsExactly("10");
    }

    @Test
    void a_view_that_hinders_a_drop_is_said_loses_nothing_and_the_writer_goes_on_when_it_is_gone() throws SQLException {
        execute("create view m.noted as select id, note from m.items");
        writer.describe(List.of(FIRST, relation(2, 5, 0, ID, NAME, QUANTITY)));

        assertThat(write(5, row(1, 5, "name", "c"))).singleElement().satisfies(outcome -> assertThat(outcome.toString())
                .contains("Retriable")
                .contains("Column 'note' of public.items was dropped")
                .contains("view m.noted depends on column note")
                .contains("goes on by itself")
                .doesNotContain("CASCADE"));
        assertThat(rows("select name || note from m.items where id = 1")).containsExactly("an1");

        execute("drop view m.noted");
        assertThat(write(5, row(1, 5, "name", "c"))).containsOnly(WriteOutcome.applied());
        assertThat(current().get(0)).isEqualTo("{\"id\": 1, \"name\": \"c\", \"quantity\": null}");
    }

    @Test
    void a_reader_that_holds_the_table_holds_the_writer_up_for_a_while_only() throws SQLException {
        writer.describe(List.of(FIRST, relation(2, 5, 0, ID, NAME, QUANTITY)));
        try (Connection reader = DriverManager.getConnection(
                        url,
                        SharedStack.postgres().superuser(),
                        SharedStack.postgres().password());
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("select from m.items");
            assertThat(write(5, row(1, 5, "name", "c")).get(0)).isInstanceOf(WriteOutcome.Retriable.class);
        }
        assertThat(write(5, row(1, 5, "name", "c"))).containsOnly(WriteOutcome.applied());
    }

    @Test
    void columns_indexes_and_views_of_somebody_else_stay_and_a_name_that_is_taken_is_said() throws SQLException {
        execute("alter table m.items add column mine text; update m.items set mine = 'keep';"
                + " create index of_name on m.items (name); create view m.names as select id, name, mine from m.items");
        Column title = new Column("title", "text", 25, true, 2, "");
        writer.describe(List.of(FIRST, relation(2, 5, 5, ID, title, QUANTITY)));
        assertThat(write(5, row(1, 5, "title", "c"), row(2, 5, "title", "d"))).containsOnly(WriteOutcome.applied());

        assertThat(rows("select name || mine from m.names order by id")).containsExactly("ckeep", "dkeep");
        assertThat(rows("select indexdef from pg_indexes where indexname = 'of_name'")
                        .get(0))
                .contains("(title)");

        Column mine = new Column("mine", "integer", 23, true, 6, "");
        writer.describe(List.of(FIRST, relation(3, 6, 0, ID, title, QUANTITY, mine)));
        assertThat(write(6, row(1, 6, "title", "e", "mine", 1)).get(0).toString())
                .contains("Column 'mine' of public.items is new")
                .contains("already exists");
        execute("drop view m.names; alter table m.items rename column mine to ours;"
                + " alter table m.items_history drop column if exists mine");
        assertThat(write(6, row(1, 6, "title", "e", "mine", 1))).containsOnly(WriteOutcome.applied());
        assertThat(rows("select ours from m.items where id = 1")).containsExactly("keep");
    }

    @Test
    void two_columns_change_their_names_with_each_other() throws SQLException {
        Column name = new Column("note", "text", 25, true, 2, "");
        Column note = new Column("name", "text", 25, true, 3, "");
        writer.describe(List.of(FIRST, relation(2, 5, 5, ID, name, note, QUANTITY)));
        write(5, row(1, 5, "note", "a", "name", "n1"), row(2, 5, "note", "b"));

        assertThat(rows("select name || note from m.items where id = 1")).containsExactly("n1a");
    }

    @Test
    void another_type_keeps_values_where_they_read_the_same_and_versions_keep_theirs_in_any_case() throws SQLException {
        Column wide = new Column("id", "bigint", 20, false, 1, "");
        Column text = new Column("quantity", "text", 25, true, 4, "");
        writer.describe(List.of(FIRST, relation(2, 5, 5, wide, NAME, NOTE, text)));
        assertThat(write(
                        5,
                        row(1, 2, "name", "still before", "quantity", 6),
                        row(1, 5, "name", "a", "quantity", "five"),
                        row(2, 5, "name", "b")))
                .allMatch(WriteOutcome::settled);

        assertThat(current().get(0)).isEqualTo("{\"id\": 1, \"name\": \"a\", \"note\": null, \"quantity\": \"five\"}");
        assertThat(rows("select coalesce(quantity, '') || '/' || coalesce(_tidemark_until_2_quantity::text, '')"
                        + " from m.items_history where id = 1 order by _tidemark_from"))
                .containsExactly("/5", "/6", "five/");
        assertThat(rows("select format_type(atttypid, atttypmod) from pg_attribute where attname = 'id'"
                        + " and attrelid in ('m.items'::regclass, 'm.items_history'::regclass)"))
                .containsExactly("bigint", "bigint");

        Column again = new Column("quantity", "date", 1082, true, 4, "");
        writer.describe(List.of(relation(3, 9, 9, wide, NAME, NOTE, again)));
        assertThat(write(9, row(1, 9, "quantity", "2026-01-31"), row(2, 9))).allMatch(WriteOutcome::settled);
        assertThat(rows("select _tidemark_until_3_quantity from m.items_history where id = 1 and _tidemark_from = 5"))
                .containsExactly("five");
    }

    @Test
    void a_key_of_another_kind_is_refused() {
        Column text = new Column("id", "text", 25, false, 1, "");
        writer.describe(List.of(FIRST, relation(2, 5, 5, text, NAME, NOTE, QUANTITY)));

        assertThatThrownBy(() -> write(5, row(1, 5)))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining("Column 'id' of the primary key of public.items was integer and is text");
    }

    @Test
    void rows_that_come_again_do_not_count_in_their_former_form_and_deletes_do() throws SQLException {
        Column text = new Column("quantity", "date", 1082, true, 4, "");
        writer.describe(List.of(FIRST, relation(2, 5, 5, ID, NAME, NOTE, text)));
        Document gone = new Document(COLLECTION, key(2), new Version(3, 0), null, origin(3));

        assertThat(writer.writeAsOne(
                        List.of(List.of(gone, row(1, 3, "quantity", 7)), List.of(row(1, 5, "quantity", "2026-01-31")))
                                .iterator(),
                        List.of(new AppliedTidemark(0, new TidemarkRef(5, new Lsn(5))))))
                .isEqualTo(WriteOutcome.applied());

        assertThat(rows("select quantity::text from m.items")).containsExactly("2026-01-31");
        assertThat(rows("select _tidemark_until_2_quantity::text from m.items_history where id = 1 and"
                        + " _tidemark_from = 3"))
                .containsExactly("7");
    }

    /** Capture has all rows come again then; those that do not any more have none of its values either. */
    @Test
    void a_column_that_came_again_under_the_name_of_a_dropped_one_is_another_one() throws SQLException {
        Column again = new Column("note", "text", 25, true, 5, "");
        writer.describe(List.of(FIRST, relation(3, 8, 8, ID, NAME, QUANTITY, again)));
        write(8, row(2, 8, "name", "b"));

        assertThat(rows("select count(*)::text from m.items where note is not null"))
                .containsExactly("0");
    }

    /** Two of four are forgotten; of the rows of their time those count that the third one says count as they stand. */
    @Test
    void what_was_written_while_forgotten_descriptions_held_is_read_by_the_next_one() throws SQLException {
        Column text = new Column("quantity", "text", 25, true, 4, "");
        writer.describe(List.of(relation(4, 9, 6, ID, NAME, text)));

        assertThat(write(
                        9,
                        row(1, 5, "title", "of the second", "quantity", 5),
                        row(1, 7, "name", "of the third", "quantity", "seven"),
                        row(2, 8, "name", "b", "quantity", "eight"),
                        row(1, 9, "name", "a", "quantity", "nine")))
                .allMatch(WriteOutcome::settled);

        assertThat(rows("select name || '/' || coalesce(quantity, '') || '/'"
                        + " || coalesce(_tidemark_until_4_quantity::text, '') || '/' || coalesce(_tidemark_to::text, '')"
                        + " from m.items_history where id = 1 order by _tidemark_from"))
                .containsExactly("a//5/7", "of the third/seven//9", "a/nine//");
        assertThat(current().get(0)).isEqualTo("{\"id\": 1, \"name\": \"a\", \"quantity\": \"nine\"}");
    }

    @Test
    void a_version_that_no_description_left_can_read_is_refused_with_what_to_do() {
        Column date = new Column("quantity", "date", 1082, true, 4, "");
        writer.describe(List.of(relation(3, 9, 0, ID, NAME, NOTE, date)));

        assertThat(write(9, row(1, 7, "quantity", "seven"), row(1, 9, "quantity", "2026-01-31")))
                .filteredOn(WriteOutcome.Rejected.class::isInstance)
                .singleElement()
                .satisfies(outcome -> assertThat(outcome.toString())
                        .contains("\"seven\"")
                        .contains("public.items was described in a way that the topics have forgotten")
                        .contains("Mirror into another schema, which is filled anew"));
    }

    @Test
    void columns_set_aside_keep_apart_though_their_long_names_begin_alike() throws SQLException {
        String alike = "é".repeat(28);
        Column one = new Column(alike + "_1", "integer", 23, true, 5, "");
        Column two = new Column(alike + "_2", "integer", 23, true, 6, "");
        Relation second = relation(2, 3, 0, ID, one, two);
        writer.describe(List.of(FIRST, second));
        write(3, row(1, 3, one.name(), 1, two.name(), 2));
        Relation third = relation(
                3,
                5,
                5,
                ID,
                new Column(one.name(), "date", 1082, true, 5, ""),
                new Column(two.name(), "date", 1082, true, 6, ""));
        writer.describe(List.of(FIRST, second, third));

        assertThat(write(5, row(1, 5), row(2, 5))).containsOnly(WriteOutcome.applied());

        String aside = "_tidemark_until_3_" + "é".repeat(22);
        String otherAside = "_tidemark_until_3_2_" + "é".repeat(21);
        assertThat(rows("select \"" + aside + "\" || '/' || \"" + otherAside
                        + "\" from m.items_history where id = 1 and _tidemark_from = 3"))
                .containsExactly("1/2");
    }

    @Test
    void a_column_of_somebody_else_under_the_name_of_a_dropped_one_takes_nothing_of_old_rows() throws SQLException {
        Relation second = relation(2, 2, 0, ID, NAME).withFormer(List.of("note"));
        SqlMirrorWriter filling = new SqlMirrorWriter(
                settings, new SqlMirror("filled", List.of(second), true), new Generation("filled", 1, "lineage-a"), 1);
        toClose.add(filling);
        filling.open();
        execute("alter table filled.items add column note integer;"
                + " alter table filled.items_history add column note integer");
        filling.describe(List.of(second));

        assertThat(filling.write(
                        List.of(row(1, 1, "name", "a", "note", "no number"), row(2, 1, "name", "b", "note", "7")),
                        List.of(new AppliedTidemark(0, new TidemarkRef(2, new Lsn(2))))))
                .containsOnly(WriteOutcome.applied());

        for (String table : List.of("items", "items_history")) {
            assertThat(rows("select count(name) || ' ' || count(note) from filled." + table))
                    .containsExactly("2 0");
        }
    }

    @Test
    void a_table_that_was_made_and_not_noted_is_refused_as_well() throws SQLException {
        execute("create schema made; create table made.items (id integer primary key, _tidemark bigint)");
        SqlMirrorWriter other = new SqlMirrorWriter(
                settings, new SqlMirror("made", List.of(FIRST), false), new Generation("made", 1, "lineage-a"), 1);
        toClose.add(other);

        assertThatThrownBy(other::open).hasMessageContaining("was written by an earlier build");
    }

    @Test
    void a_mirror_of_a_build_that_noted_no_descriptions_is_refused() throws SQLException {
        execute("delete from m._tidemark_relations");

        assertThatThrownBy(this::opened)
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
                .hasMessageContaining("was written by an earlier build")
                .hasMessageContaining("Drop the schema, or give the mirror another name and schema");
        assertThat(current()).as("nothing was altered").hasSize(2);
    }

    @Test
    void a_writer_that_is_opened_again_goes_on_from_how_the_tables_are() throws SQLException {
        Column title = new Column("title", "text", 25, true, 2, "");
        Relation second = relation(2, 5, 5, ID, title, QUANTITY);
        writer.describe(List.of(FIRST, second));
        write(5, row(1, 5, "title", "a"), row(2, 5, "title", "b"));

        writer = opened();
        Column label = new Column("label", "text", 25, true, 2, "");
        writer.describe(List.of(FIRST, second, relation(3, 8, 8, ID, label, QUANTITY)));
        write(8, row(1, 8, "label", "x"), row(2, 8, "label", "y"));

        assertThat(current().get(0)).isEqualTo("{\"id\": 1, \"label\": \"x\", \"quantity\": null}");
        assertThat(rows("select coalesce(name, '-') || coalesce(title, '-') || coalesce(label, '-')"
                        + " from m.items_history where id = 1 order by _tidemark_from"))
                .containsExactly("a--", "-a-", "--x");
    }
}
