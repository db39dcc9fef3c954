package io.tidemark.stores.sql;

import io.tidemark.model.store.Document;
import io.tidemark.model.store.NewestPerKey;
import io.tidemark.model.store.WriteOutcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes rows inside one transaction: in statements of bounded size, closing in on rows the warehouse refuses. */
final class RowWriter {

    /**
     * A row on its way.
     *
     * @param index its place in the batch
     * @param columns as the text of a JSON object
     * @param whole the document as JSON text, where the table keeps it in a column; else {@link #NONE}
     */
    record Row(int index, Document document, String columns, String whole) implements BoundedStatements.Sized {

        static final String NONE = "null";

        static Row of(int index, Document document, RowTables tables) {
            if (document.truncates()) {
                return new Row(index, document, "", NONE);
            }
            if (document.deletes()) {
                return new Row(index, document, document.key().json(), NONE);
            }
            boolean kept = tables.of(document.collection()).document() != null;
            return new Row(index, document, tables.row(document), kept ? String.valueOf(document.content()) : NONE);
        }

        @Override
        public int size() {
            return columns.length() + whole.length();
        }
    }

    /** What a statement does; of one table in this order, so that rows written after a truncate stay. */
    private enum Action {
        TRUNCATE,
        UPSERT,
        DELETE;

        static Action of(Document document) {
            if (document.truncates()) {
                return TRUNCATE;
            }
            return document.deletes() ? DELETE : UPSERT;
        }
    }

    /** Rows one statement can take together. */
    private record Kind(String collection, Action action) implements Comparable<Kind> {
        @Override
        public int compareTo(Kind other) {
            int byCollection = collection.compareTo(other.collection);
            return byCollection != 0 ? byCollection : action.compareTo(other.action);
        }
    }

    private final Connection connection;
    private final RowTables tables;

    RowWriter(Connection connection, RowTables tables) {
        this.connection = connection;
        this.tables = tables;
    }

    /** Writes the newest of each key; one outcome per document, in order. */
    List<WriteOutcome> writeNewest(List<Document> documents) throws SQLException {
        NewestPerKey newest = NewestPerKey.of(documents);
        return newest.spread(write(newest.documents()));
    }

    private List<WriteOutcome> write(List<Document> documents) throws SQLException {
        WriteOutcome[] outcomes = new WriteOutcome[documents.size()];
        Map<Kind, List<Row>> kinds = new TreeMap<>();
        for (int i = 0; i < documents.size(); i++) {
            Document document = documents.get(i);
            kinds.computeIfAbsent(new Kind(document.collection(), Action.of(document)), kind -> new ArrayList<>())
                    .add(Row.of(i, document, tables));
        }
        BoundedStatements statements = new BoundedStatements(connection);
        for (Map.Entry<Kind, List<Row>> kind : kinds.entrySet()) {
            List<Row> rows = kind.getValue();
            // In one order, so that whoever else writes in key order cannot deadlock with us.
            rows.sort(Comparator.comparing(row -> row.document().key()));
            statements.send(
                    rows,
                    some -> write(kind.getKey(), some, outcomes),
                    (row, reason) -> outcomes[row.index()] = new WriteOutcome.Rejected(reason));
        }
        return Arrays.asList(outcomes);
    }

    private void write(Kind kind, List<Row> rows, WriteOutcome[] outcomes) throws SQLException {
        GuardedTable table = tables.of(kind.collection());
        if (kind.action() == Action.TRUNCATE) {
            truncate(table, rows.get(0).document());
            outcomes[rows.get(0).index()] = WriteOutcome.applied();
            return;
        }
        rows.forEach(row -> outcomes[row.index()] = WriteOutcome.stale());
        try (PreparedStatement statement =
                connection.prepareStatement(kind.action() == Action.DELETE ? table.delete() : table.upsert())) {
            RowArrays.set(statement, rows);
            statement.setString(RowArrays.COUNT + 1, kind.collection());
            try (ResultSet applied = statement.executeQuery()) {
                while (applied.next()) {
                    outcomes[rows.get(applied.getInt(1) - 1).index()] = WriteOutcome.applied();
                }
            }
        }
    }

    private void truncate(GuardedTable table, Document truncate) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(table.truncate())) {
            statement.setString(1, truncate.collection());
            statement.setLong(2, truncate.version().position());
            statement.setInt(3, truncate.version().order());
            statement.executeUpdate();
        }
    }
}
