package io.tidemark.capture.internal.snapshot;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.capture.TableDifference;
import io.tidemark.capture.internal.RelationTracker;
import io.tidemark.capture.internal.SourceErrors;
import io.tidemark.capture.internal.rows.ComparedRows;
import io.tidemark.capture.internal.wal.TypeCatalog;
import io.tidemark.capture.internal.wal.ValueType;
import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Compares topics that nobody writes with one snapshot of the source, and changes neither. */
public final class TopicDifferences {

    private static final int MET_AT_ONCE = 10_000;

    private final CaptureSettings settings;
    private final Map<String, List<Long>> ends;

    /**
     * Prepares it.
     *
     * @param ends by topic and partition, up to where topics are durable; those of others are left out
     */
    public TopicDifferences(CaptureSettings settings, Map<String, List<Long>> ends) {
        this.settings = settings;
        this.ends = ends;
    }

    /** Those of every captured table. */
    public List<TableDifference> all() {
        try (Connection connection = SourceErrors.connect(settings.source())) {
            ExportedSnapshot.prepare(connection, "");
            TypeCatalog types = TypeCatalog.read(connection);
            List<TableDifference> all = new ArrayList<>();
            for (Relation relation : SourceCatalog.read(connection, new HashSet<>(settings.tables())::contains)) {
                if (ends.containsKey(topic(relation.table()))) {
                    all.add(of(connection, relation, types));
                }
            }
            return all;
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
    }

    private String topic(TableId table) {
        return settings.topics().changes(table);
    }

    private TableDifference of(Connection connection, Relation relation, TypeCatalog types) throws SQLException {
        List<ValueType> columns = relation.columns().stream()
                .map(column -> RelationTracker.valueType(types, relation.table(), column))
                .toList();
        List<Long> until = ends.getOrDefault(topic(relation.table()), List.of());
        try (ComparedRows compared = new ComparedRows(settings, relation.table(), until)) {
            compared.read(relation);
            return of(connection, new TableRead(relation, columns, compared), compared);
        }
    }

    private TableDifference of(Connection connection, TableRead table, ComparedRows compared) throws SQLException {
        requireUnaltered(connection, table.relation());
        RowReader reader = new RowReader(settings, table, Lsn.ZERO, System.currentTimeMillis());
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(statement(table.relation()));
        long rows = 0;
        long missing = 0;
        long different = 0;
        List<RowKey> met = new ArrayList<>();
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            Chunk.Row row = reader.read(line);
            rows++;
            switch (compared.look(row.key(), row.envelope())) {
                case MISSING -> missing++;
                case DIFFERENT -> different++;
                case SAME -> {}
            }
            met.add(row.key());
            if (met.size() == MET_AT_ONCE) {
                compared.met(met);
                met.clear();
            }
        }
        compared.met(met);
        return new TableDifference(table.relation().table(), rows, missing, different, compared.missed());
    }

    private static void requireUnaltered(Connection connection, Relation relation) throws SQLException {
        try {
            StillShown.require(connection, relation);
        } catch (StillShown.OutdatedException e) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE, e.getMessage() + " was taken to compare it. Try again", e);
        }
    }

    private static String statement(Relation relation) {
        List<String> columns = relation.columns().stream().map(Column::name).toList();
        return "COPY (SELECT " + SqlIdentifiers.quoteAll(columns) + " FROM "
                + relation.table().quoted() + ") TO STDOUT (ENCODING 'UTF8')";
    }
}
