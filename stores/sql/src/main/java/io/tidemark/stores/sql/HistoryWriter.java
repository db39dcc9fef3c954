package io.tidemark.stores.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.Operation;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes every version of rows inside one transaction.
 *
 * <p>Commit times of the source run backwards now and then. What is newer than all before it has at least their times,
 * so that the versions up to a time are those up to a position.
 */
final class HistoryWriter {

    /** A version on its way: its place in the batch and the JSON the statement reads. */
    private record Row(int index, String json) implements BoundedStatements.Sized {

        @Override
        public int size() {
            return json.length();
        }
    }

    private record Identity(String collection, RowKey key, Version version) {}

    /** A version, its place in the batch and its time. */
    private record Timed(int index, Document document, Instant committed) {}

    private final Connection connection;
    private final MirrorTables tables;
    private final HistoryProgress progress;

    HistoryWriter(Connection connection, MirrorTables tables, HistoryProgress progress) {
        this.connection = connection;
        this.tables = tables;
        this.progress = progress;
    }

    /**
     * Writes a batch.
     *
     * @return why the warehouse refuses versions, by their places in the batch
     */
    Map<Integer, String> write(List<Document> batch) throws SQLException {
        Map<Integer, String> refused = new HashMap<>();
        Map<String, List<Row>> rows = new TreeMap<>();
        for (Timed version : timed(batch)) {
            Document document = version.document();
            if (document.truncates()) {
                truncate(document, version.committed());
            } else {
                rows.computeIfAbsent(document.collection(), collection -> new ArrayList<>())
                        .add(new Row(version.index(), json(document, version.committed())));
            }
        }
        BoundedStatements statements = new BoundedStatements(connection);
        for (Map.Entry<String, List<Row>> ofTable : rows.entrySet()) {
            statements.send(
                    ofTable.getValue(),
                    some -> insert(ofTable.getKey(), some),
                    (row, reason) -> refused.put(row.index(), reason));
        }
        return refused;
    }

    /** Each version once, in their order, with its time. */
    private List<Timed> timed(List<Document> batch) throws SQLException {
        HistoryProgress.Newest before = progress.newest(connection);
        Version newest = before.version();
        Instant time = before.committed();
        List<Timed> timed = new ArrayList<>();
        Set<Identity> seen = new HashSet<>();
        for (int index : inOrder(batch)) {
            Document document = batch.get(index);
            if (!seen.add(new Identity(document.collection(), document.key(), document.version()))) {
                continue;
            }
            Instant committed = committed(document, time);
            if (document.version().compareTo(newest) > 0) {
                newest = document.version();
                committed = committed.isAfter(time) ? committed : time;
                time = committed;
            }
            timed.add(new Timed(index, document, committed));
        }
        if (newest.compareTo(before.version()) > 0) {
            progress.save(connection, new HistoryProgress.Newest(newest, time));
        }
        return timed;
    }

    /** When a row was read says nothing of the transactions after it: it takes the time of what came before, if any did. */
    private static Instant committed(Document document, Instant before) {
        Document.Origin origin = origin(document);
        boolean readAfterOthers = origin.operation() == Operation.READ && before.isAfter(Instant.EPOCH);
        return readAfterOthers ? before : origin.committed();
    }

    private static List<Integer> inOrder(List<Document> batch) {
        List<Integer> indexes = new ArrayList<>();
        for (int index = 0; index < batch.size(); index++) {
            indexes.add(index);
        }
        indexes.sort(Comparator.comparing(index -> batch.get(index).version()));
        return indexes;
    }

    private static Document.Origin origin(Document document) {
        Document.Origin origin = document.origin();
        if (origin == null) {
            throw new IllegalArgumentException("A version for a history says where it comes from: "
                    + document.collection() + " " + document.key() + " " + document.version());
        }
        return origin;
    }

    private String json(Document document, Instant committed) {
        ObjectNode body = document.body();
        ObjectNode row = Json.object();
        row.setAll(body == null ? document.key().values() : body);
        row.put(HistoryTable.FROM, document.version().position());
        row.put(HistoryTable.FROM_ORDER, document.version().order());
        row.put(HistoryTable.VALID_FROM, committed.toString());
        row.put(
                HistoryTable.OPERATION,
                (body == null ? Operation.DELETE : origin(document).operation()).code());
        return Json.text(row);
    }

    private void insert(String collection, List<Row> rows) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(tables.historyOf(collection).insert())) {
            RowArrays.set(insert, 1, "text", rows, Row::json, String[]::new);
            insert.setString(2, collection);
            insert.executeUpdate();
        }
    }

    /** It is remembered for versions that come later, and ends those that are there. */
    private void truncate(Document truncate, Instant committed) throws SQLException {
        HistoryTable table = tables.historyOf(truncate.collection());
        try (PreparedStatement remember =
                        connection.prepareStatement("insert into " + HistoryTable.truncates(table.schema())
                                + " (position, ord, committed, collection) values (?, ?, ?::timestamptz, ?)"
                                + " on conflict do nothing");
                PreparedStatement end = connection.prepareStatement(table.truncate())) {
            for (PreparedStatement statement : List.of(remember, end)) {
                statement.setLong(1, truncate.version().position());
                statement.setInt(2, truncate.version().order());
                statement.setString(3, committed.toString());
            }
            remember.setString(4, truncate.collection());
            remember.executeUpdate();
            end.executeUpdate();
        }
    }
}
