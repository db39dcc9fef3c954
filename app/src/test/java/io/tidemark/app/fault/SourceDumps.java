package io.tidemark.app.fault;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import io.tidemark.model.TableId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Tables of the source as one transaction saw them, with which transactions it saw. */
final class SourceDumps {

    /**
     * The tables at a moment.
     *
     * @param snapshot {@code pg_current_snapshot()}
     * @param rows by table, by canonical key, as {@code to_jsonb} prints them
     */
    record Dump(String snapshot, Map<TableId, Map<String, JsonNode>> rows) {}

    private final List<Dump> dumps = new ArrayList<>();
    private final Map<TableId, List<String>> keys;

    /** By their text: most rows are the same in one dump as in the next. */
    private final Map<String, Row> known = new HashMap<>();

    private record Row(String key, JsonNode json) {}

    SourceDumps(Map<TableId, List<String>> keys) {
        this.keys = keys;
    }

    List<Dump> all() {
        return dumps;
    }

    Dump take(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        Map<TableId, Map<String, JsonNode>> rows = new TreeMap<>(java.util.Comparator.comparing(TableId::toString));
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            statement.execute("SET LOCAL TimeZone TO 'UTC'");
            // A truncate respects no snapshot: the locks come first, and the snapshot with the first SELECT.
            for (TableId table : keys.keySet()) {
                statement.execute("LOCK TABLE " + table.quoted() + " IN ACCESS SHARE MODE");
            }
            String snapshot;
            try (ResultSet row = statement.executeQuery("SELECT pg_current_snapshot()::text")) {
                row.next();
                snapshot = row.getString(1);
            }
            for (TableId table : keys.keySet()) {
                rows.put(table, rows(statement, table));
            }
            connection.commit();
            Dump dump = new Dump(snapshot, rows);
            dumps.add(dump);
            return dump;
        }
    }

    private Map<String, JsonNode> rows(Statement statement, TableId table) throws SQLException {
        Map<String, JsonNode> rows = new TreeMap<>();
        try (ResultSet result = statement.executeQuery("SELECT to_jsonb(t)::text FROM " + table.quoted() + " t")) {
            while (result.next()) {
                Row row = known.computeIfAbsent(table + result.getString(1), text -> {
                    JsonNode json = Json.parse(text.substring(table.toString().length()));
                    return new Row(key(json, keys.get(table)), json);
                });
                rows.put(row.key(), row.json());
            }
        }
        return rows;
    }

    private static String key(JsonNode row, List<String> columns) {
        var key = Json.object();
        columns.forEach(column -> key.set(column, row.get(column)));
        return Json.text(key);
    }

    /** Which of these transactions a snapshot sees, by the server's own word. */
    static Set<Long> visible(Connection connection, String snapshot, Collection<Long> xids) throws SQLException {
        Set<Long> visible = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT x FROM unnest(ARRAY" + xids
                        + "::bigint[]) x WHERE pg_visible_in_snapshot(x::text::xid8, '" + snapshot + "')")) {
            while (result.next()) {
                visible.add(result.getLong(1));
            }
        }
        return visible;
    }
}
