package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.Mend;
import io.tidemark.model.store.MendOutcome;
import io.tidemark.stores.sql.RowWriter.Row;
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

/** Mends rows: all of one call in one transaction. */
public final class SqlMender implements DocumentMender {

    private static final String NO_KEY =
            "It has no key by which it could be told from others: somebody took the primary key of the table away. Delete"
                    + " it by hand";

    private final Warehouse warehouse;
    private final RowTables tables;
    private final Lock lock;

    /**
     * Keeps out who writes there, as far as needs be: what they have not committed, a statement does not see. Gives the
     * tables that the generation is in until the transaction ends.
     */
    @FunctionalInterface
    private interface Lock {
        RowTables take(Connection connection, boolean deleting) throws SQLException;
    }

    private SqlMender(SqlSettings settings, RowTables tables, Lock lock) {
        this.warehouse = new Warehouse(settings);
        this.tables = tables;
        this.lock = lock;
    }

    /** Of documents, beside others that own partitions of the generation. */
    public static SqlMender ofDocuments(SqlSettings settings, SqlDocumentTable where, Generation generation) {
        DocumentRows rows = new DocumentRows(where);
        DocumentPlace place = new DocumentPlace(where.table(), generation);
        return new SqlMender(settings, rows, (connection, deleting) -> {
            TableLock.take(connection, where.table(), generation, deleting);
            return rows.in(place.find(connection)
                    .orElseThrow(
                            () -> gone("The table of " + generation + " is not there any more, or is another one")));
        });
    }

    /** Of a mirror's rows, between the transactions of its writer; its histories stay as they are. */
    public static SqlMender ofMirror(SqlSettings settings, SqlMirror mirror, Generation generation) {
        MirrorTables tables = new MirrorTables(mirror.schema(), mirror.relations());
        MirrorPlace place = new MirrorPlace(mirror.schema(), generation);
        Bookkeeping bookkeeping = new Bookkeeping(place::name, generation);
        return new SqlMender(settings, tables, (connection, deleting) -> {
            place.find(connection, true);
            if (!bookkeeping.lock(connection)) {
                throw gone("Schema '" + place.name() + "' does not hold " + generation + " any more");
            }
            return tables.in(place.name());
        });
    }

    private static TidemarkException gone(String what) {
        return new TidemarkException(ErrorCode.DATA_LOSS, what + ": there is nothing to mend");
    }

    /** Mends one statement takes together; in this order, as whoever else writes there. */
    private record Kind(String collection, boolean deletes, long found) implements Comparable<Kind> {

        private static final Comparator<Kind> ORDER = Comparator.comparing(Kind::collection)
                .thenComparing(Kind::deletes)
                .thenComparing(Kind::found);

        static Kind of(Mend mend) {
            Document document = mend.document();
            // What any version replaces needs no statement of its own.
            long found = mend.found() <= document.version().position() ? 0 : mend.found();
            return new Kind(document.collection(), document.deletes(), found);
        }

        @Override
        public int compareTo(Kind other) {
            return ORDER.compare(this, other);
        }
    }

    @Override
    public List<MendOutcome> mend(List<Mend> mends) {
        return warehouse.orFail(connection -> mend(connection, mends));
    }

    private List<MendOutcome> mend(Connection connection, List<Mend> mends) throws SQLException {
        MendOutcome[] outcomes = new MendOutcome[mends.size()];
        Map<Kind, List<Row>> kinds = new TreeMap<>();
        for (int i = 0; i < outcomes.length; i++) {
            Document document = mends.get(i).document();
            if (lacksKey(document.key())) {
                outcomes[i] = new MendOutcome.Refused(NO_KEY);
            } else {
                kinds.computeIfAbsent(Kind.of(mends.get(i)), kind -> new ArrayList<>())
                        .add(Row.of(i, document, tables));
            }
        }
        if (kinds.isEmpty()) {
            return Arrays.asList(outcomes);
        }
        RowTables now = lock.take(connection, kinds.keySet().stream().anyMatch(Kind::deletes));
        for (Map.Entry<Kind, List<Row>> kind : kinds.entrySet()) {
            List<Row> rows = kind.getValue();
            rows.sort(Comparator.comparing(row -> row.document().key()));
            new BoundedStatements(connection)
                    .send(
                            rows,
                            some -> mend(connection, now, kind.getKey(), some, outcomes),
                            (row, reason) -> outcomes[row.index()] = new MendOutcome.Refused(reason));
        }
        return Arrays.asList(outcomes);
    }

    private static boolean lacksKey(RowKey key) {
        return key.values().properties().stream()
                .anyMatch(column -> column.getValue().isNull());
    }

    private static void mend(Connection connection, RowTables tables, Kind kind, List<Row> rows, MendOutcome[] outcomes)
            throws SQLException {
        rows.forEach(row -> outcomes[row.index()] = MendOutcome.newer());
        GuardedTable table = tables.of(kind.collection());
        String statement = kind.deletes() ? table.mendDelete(kind.found()) : table.mend(kind.found());
        try (PreparedStatement mend = connection.prepareStatement(statement)) {
            RowArrays.set(mend, rows);
            mend.setString(RowArrays.COUNT + 1, kind.collection());
            try (ResultSet mended = mend.executeQuery()) {
                while (mended.next()) {
                    outcomes[rows.get(mended.getInt(1) - 1).index()] = MendOutcome.mended();
                }
            }
        }
    }

    @Override
    public void close() {
        warehouse.close();
    }
}
