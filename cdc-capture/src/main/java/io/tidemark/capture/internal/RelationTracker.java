package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.wal.CapturedTable;
import io.tidemark.capture.internal.wal.TypeCatalog;
import io.tidemark.capture.internal.wal.ValueType;
import io.tidemark.capture.internal.wal.WalMessage;
import io.tidemark.capture.internal.wal.WalMessage.RelationColumn;
import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The captured tables by the WAL's oids, following their changes. Used by one thread. */
public final class RelationTracker {

    private final CaptureSettings.Source source;
    private final Map<TableId, Relation> relations = new HashMap<>();
    private final Map<Long, CapturedTable> byOid = new HashMap<>();
    private final Map<Long, Set<Long>> composites = new HashMap<>();
    private TypeCatalog types;

    /**
     * Starts with what is known.
     *
     * @param captured the captured tables as they were described last
     */
    public RelationTracker(CaptureSettings.Source source, List<Relation> captured, TypeCatalog types) {
        this.source = source;
        this.types = types;
        captured.forEach(relation -> relations.put(relation.table(), relation));
    }

    /** The captured table with this oid; empty when it is not captured. */
    Optional<CapturedTable> table(long oid) {
        return Optional.ofNullable(byOid.get(oid));
    }

    /** The composite types in the columns of the table with this oid, by their oids. */
    Set<Long> composites(long oid) {
        return composites.getOrDefault(oid, Set.of());
    }

    /**
     * Takes a table's description from the WAL.
     *
     * @return the relation when it differs from what was known
     */
    Optional<Relation> describe(WalMessage.RelationMessage message) {
        TableId table = new TableId(message.schema(), message.name());
        Relation known = relations.get(table);
        requireSameTable(message.oid(), table);
        if (known == null) {
            return Optional.empty();
        }
        boolean same = sameColumns(known, message);
        Relation now = same ? known : changed(known, message);
        CapturedTable captured = new CapturedTable(now, valueTypes(table, now.columns()));
        byOid.put(message.oid(), captured);
        composites.put(message.oid(), captured.composites());
        relations.put(table, now);
        return same ? Optional.empty() : Optional.of(now);
    }

    /**
     * Takes a table's description from a snapshot that is newer than everything the WAL said of it.
     *
     * @return the relation, with a version of its own when its columns are not those known
     */
    Relation adopt(Relation read) {
        Relation known = relations.get(read.table());
        boolean same = known != null
                && known.columns().equals(read.columns())
                && known.primaryKey().equals(read.primaryKey());
        Relation now = known == null || same
                ? read
                : new Relation(
                        read.table(), read.columns(), read.primaryKey(), read.foreignKeys(), known.version() + 1);
        relations.put(read.table(), now);
        return now;
    }

    /** Rows of a renamed table, or of another one under a captured name, would go astray. */
    private void requireSameTable(long oid, TableId table) {
        CapturedTable before = byOid.get(oid);
        if (before != null && !before.relation().table().equals(table)) {
            throw cannotFollow(before.relation().table() + " was renamed to " + table);
        }
        boolean replaced = byOid.entrySet().stream()
                .anyMatch(entry -> entry.getKey() != oid
                        && entry.getValue().relation().table().equals(table));
        if (replaced) {
            throw cannotFollow(table + " was dropped and made anew");
        }
    }

    private static TidemarkException cannotFollow(String what) {
        return new TidemarkException(
                ErrorCode.NOT_CAPTURABLE,
                "Table " + what
                        + " while it was captured, which this version cannot follow. Capture under a new kafka.prefix and slot");
    }

    private static boolean sameColumns(Relation known, WalMessage.RelationMessage message) {
        if (known.columns().size() != message.columns().size()) {
            return false;
        }
        for (int i = 0; i < known.columns().size(); i++) {
            Column column = known.columns().get(i);
            RelationColumn sent = message.columns().get(i);
            if (!column.name().equals(sent.name()) || column.typeOid() != sent.typeOid()) {
                return false;
            }
        }
        return true;
    }

    private Relation changed(Relation known, WalMessage.RelationMessage message) {
        List<Column> columns = new ArrayList<>();
        try (Connection connection = SourceErrors.connect(source)) {
            for (RelationColumn sent : message.columns()) {
                boolean nullable =
                        known.column(sent.name()).map(Column::nullable).orElse(true);
                columns.add(new Column(sent.name(), typeName(connection, sent), sent.typeOid(), nullable));
            }
            types = TypeCatalog.read(connection);
        } catch (SQLException e) {
            throw SourceErrors.explain(source, e);
        }
        Relation changed =
                new Relation(known.table(), columns, known.primaryKey(), known.foreignKeys(), known.version() + 1);
        for (String key : known.primaryKey()) {
            if (changed.column(key).isEmpty()) {
                throw new TidemarkException(
                        ErrorCode.NOT_CAPTURABLE,
                        "Table " + known.table() + " lost column '" + key
                                + "' of the primary key it was captured by. Drop Tidemark's topics and slot and start again");
            }
        }
        return changed;
    }

    private static String typeName(Connection connection, RelationColumn column) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT format_type(?::bigint::oid, ?)")) {
            statement.setLong(1, column.typeOid());
            statement.setInt(2, column.typeModifier());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private List<ValueType> valueTypes(TableId table, List<Column> columns) {
        List<ValueType> valueTypes = new ArrayList<>();
        for (Column column : columns) {
            valueTypes.add(valueType(types, table, column));
        }
        return valueTypes;
    }

    /** How a column's values are printed; an error says which column cannot be captured and why. */
    public static ValueType valueType(TypeCatalog types, TableId table, Column column) {
        try {
            return types.valueType(column.typeOid());
        } catch (TidemarkException e) {
            throw new TidemarkException(
                    ErrorCode.NOT_CAPTURABLE,
                    "Column '" + column.name() + "' of " + table + " has type " + column.type()
                            + ", which this version does not capture: " + e.getMessage()
                            + ". Leave the table out of source.tables",
                    e);
        }
    }
}
