package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Every version of the shop's orders and their lines, which the source's own triggers write down, and whether the history
 * of a mirror has the same.
 */
final class SourceVersions {

    /** The tables, with the columns of their keys. */
    private static final Map<String, List<String>> TABLES =
            Map.of("orders", List.of("id"), "order_lines", List.of("order_id", "line_no"));

    /**
     * Of one key its versions are numbered in their order: who writes it next waits for who wrote it before. A changed key
     * is a delete and an insert.
     */
    private static final String NOTES = """
            create schema notes;
            create table notes.versions (
                number bigint generated always as identity, name text, row jsonb, deleted boolean);
            create function notes.note() returns trigger language plpgsql set timezone = 'UTC' as $$ begin
                if tg_op = 'UPDATE' and exists (
                        select from unnest(tg_argv) as c where to_jsonb(old) -> c <> to_jsonb(new) -> c) then
                    insert into notes.versions (name, row, deleted) values (tg_table_name, to_jsonb(old), true);
                end if;
                insert into notes.versions (name, row, deleted) values (
                    tg_table_name, case tg_op when 'DELETE' then to_jsonb(old) else to_jsonb(new) end, tg_op = 'DELETE');
                return null;
            end $$;
            """;

    private static final String NOTED = """
            set timezone = 'UTC';
            insert into notes.versions (name, row, deleted) select '%1$s', to_jsonb(t), false from %1$s t;
            create trigger note after insert or update or delete on %1$s for each row
                execute function notes.note(%2$s);
            """;

    /** Intervals that do not end where the next one of their key begins, and deletes that have one. */
    private static final String UNLINKED = """
            select count(*) from (
                select _tidemark_operation = 'd' as deleted, (_tidemark_to, _tidemark_to_order, _tidemark_valid_to) as till,
                    (_tidemark_from, _tidemark_from_order, _tidemark_valid_from) as since,
                    (lead(_tidemark_from) over key, lead(_tidemark_from_order) over key,
                        lead(_tidemark_valid_from) over key) as next
                from %s.%s_history
                window key as (partition by %s order by _tidemark_from, _tidemark_from_order)) as v
            where till is distinct from case when deleted then since else next end""";

    /**
     * A version of a row.
     *
     * @param number of the source's note; 0 in a mirror
     * @param row its columns; of a delete those of the key
     */
    private record Version(long number, boolean deleted, ObjectNode row) {

        private boolean same(Version other) {
            return deleted == other.deleted && Json.same(row, other.row);
        }
    }

    private final long before;

    private SourceVersions(long before) {
        this.before = before;
    }

    /** Has the source note versions from now on, while nobody writes. */
    static void note(Connection source) throws SQLException {
        try (Statement statement = source.createStatement()) {
            statement.execute(NOTES);
            for (Map.Entry<String, List<String>> table : TABLES.entrySet()) {
                statement.execute(NOTED.formatted(table.getKey(), String.join(", ", table.getValue())));
            }
        }
    }

    /** Of what is noted from now on a history is to have all. */
    static SourceVersions from(Connection source) throws SQLException {
        return new SourceVersions(number(source, "select max(number) from notes.versions"));
    }

    /** Holds the histories in a schema of the warehouse against what was noted; both have come to rest. */
    void requireSame(Connection source, Connection warehouse, String schema) throws SQLException {
        for (Map.Entry<String, List<String>> table : TABLES.entrySet()) {
            String name = table.getKey();
            assertThat(number(warehouse, UNLINKED.formatted(schema, name, String.join(", ", table.getValue()))))
                    .as("gaps and overlaps in the history of %s", name)
                    .isZero();
            requireSame(
                    name,
                    versions(
                            source,
                            table.getValue(),
                            "select number, deleted, row, false from notes.versions where name = '" + name
                                    + "' order by number"),
                    versions(
                            warehouse,
                            table.getValue(),
                            "select 0, _tidemark_operation = 'd', to_jsonb(h), _tidemark_operation = 'r' from " + schema
                                    + "." + name + "_history h order by _tidemark_from, _tidemark_from_order"));
        }
    }

    /** What was written before the first snapshot was taken is in no history. */
    private void requireSame(String table, Map<String, List<Version>> noted, Map<String, List<Version>> mirrored) {
        assertThat(noted.keySet()).containsAll(mirrored.keySet());
        noted.forEach((key, all) -> {
            List<Version> kept = mirrored.getOrDefault(key, List.of());
            String what = "versions of " + table + " " + key + "\nin the source: " + all + "\nin the mirror: " + kept;
            long owed = all.stream().filter(each -> each.number() > before).count();
            assertThat((long) kept.size()).as(what).isBetween(owed, (long) all.size());
            List<Version> last = all.subList(all.size() - kept.size(), all.size());
            for (int i = 0; i < kept.size(); i++) {
                assertThat(kept.get(i).same(last.get(i))).as(what).isTrue();
            }
            assertThat(!kept.isEmpty() || all.get(all.size() - 1).deleted())
                    .as(what)
                    .isTrue();
        });
    }

    private static Map<String, List<Version>> versions(Connection connection, List<String> key, String query)
            throws SQLException {
        Map<String, List<Version>> versions = new TreeMap<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute("set timezone = 'UTC'");
            try (ResultSet each = statement.executeQuery(query)) {
                while (each.next()) {
                    boolean deleted = each.getBoolean(2);
                    ObjectNode row = Json.parseObject(each.getString(3));
                    row.retain(
                            deleted
                                    ? key
                                    : row.properties().stream()
                                            .map(Map.Entry::getKey)
                                            .filter(name -> !name.startsWith("_tidemark"))
                                            .toList());
                    String of = String.valueOf(key.stream().map(row::get).toList());
                    add(
                            versions.computeIfAbsent(of, none -> new ArrayList<>()),
                            new Version(each.getLong(1), deleted, row),
                            each.getBoolean(4));
                }
            }
        }
        return versions;
    }

    /** What capture read of a table may be what the stream has said of a row already: it is no change. */
    private static void add(List<Version> versions, Version next, boolean read) {
        boolean again =
                read && !versions.isEmpty() && versions.get(versions.size() - 1).same(next);
        if (!again) {
            versions.add(next);
        }
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }
}
