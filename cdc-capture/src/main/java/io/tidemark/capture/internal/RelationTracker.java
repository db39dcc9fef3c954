package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.SourceCatalog;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The captured tables by the WAL's oids, following their changes. Used by one thread.
 *
 * <p>Names and types of columns are the WAL's, of the moment a row was written. What the WAL does not say (what may be
 * null, foreign keys, what a type is made of) is the catalogue's, of the moment it is asked.
 */
public final class RelationTracker {

    /**
     * The catalogue locks partitions to name them. Who waits to alter one waits for what is being read of it, and that for this
     * thread: it starts again instead.
     */
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);

    private final CaptureSettings.Source source;
    private final Map<TableId, Relation> catalogued = new HashMap<>();
    private final Map<Long, CapturedTable> byOid = new HashMap<>();
    private final Map<Long, WalMessage.RelationMessage> messages = new HashMap<>();
    private final Map<RelationColumn, String> typeNames = new HashMap<>();
    private TypeCatalog types;

    /**
     * Starts with what is known.
     *
     * @param captured the captured tables as the catalogue describes them
     */
    public RelationTracker(CaptureSettings.Source source, List<Relation> captured, TypeCatalog types) {
        this.source = source;
        this.types = types;
        captured.forEach(relation -> catalogued.put(relation.table(), relation));
    }

    /** The captured table with this oid; empty when it is not captured. */
    Optional<CapturedTable> table(long oid) {
        return Optional.ofNullable(byOid.get(oid));
    }

    /** The captured tables as the catalogue had them last. */
    List<Relation> catalogued() {
        return List.copyOf(catalogued.values());
    }

    /**
     * Takes a table's description from the WAL.
     *
     * @return the relation; empty when it is not captured
     */
    Optional<Relation> describe(WalMessage.RelationMessage message) {
        Relation known = catalogued.get(new TableId(message.schema(), message.name()));
        if (known == null) {
            return Optional.empty();
        }
        messages.put(message.oid(), message);
        try (Connection connection = SourceErrors.connect(source, LOCK_TIMEOUT)) {
            look(connection);
            return Optional.of(described(connection, catalogued.getOrDefault(known.table(), known), message));
        } catch (SQLException e) {
            throw SourceErrors.explain(source, e);
        }
    }

    /** Asks the catalogue once more about a table that was described. */
    Relation lookAgain(long oid) {
        WalMessage.RelationMessage message = messages.get(oid);
        CapturedTable table = byOid.get(oid);
        if (message == null || table == null) {
            throw new IllegalArgumentException("No captured table with oid " + oid + " was described");
        }
        try (Connection connection = SourceErrors.connect(source, LOCK_TIMEOUT)) {
            look(connection);
            Relation before = table.relation();
            return described(connection, catalogued.getOrDefault(before.table(), before), message);
        } catch (SQLException e) {
            throw SourceErrors.explain(source, e);
        }
    }

    /** What of the table with this oid did not come through the WAL. */
    SourceCatalog.WithoutWal withoutWal(long oid) {
        try (Connection connection = SourceErrors.connect(source, LOCK_TIMEOUT)) {
            return SourceCatalog.withoutWal(connection, oid);
        } catch (SQLException e) {
            throw SourceErrors.explain(source, e);
        }
    }

    /** A table that is gone meanwhile stays as it was. */
    private void look(Connection connection) throws SQLException {
        types = TypeCatalog.read(connection);
        SourceCatalog.read(connection, new HashSet<>(catalogued.keySet())::contains)
                .forEach(relation -> catalogued.put(relation.table(), relation));
    }

    private Relation described(Connection connection, Relation known, WalMessage.RelationMessage message)
            throws SQLException {
        Relation now = now(connection, known, message);
        byOid.put(message.oid(), new CapturedTable(now, valueTypes(now.table(), now.columns())));
        return now;
    }

    private Relation now(Connection connection, Relation known, WalMessage.RelationMessage message)
            throws SQLException {
        List<Column> columns = new ArrayList<>();
        for (RelationColumn sent : message.columns()) {
            Optional<Column> column = known.column(sent.name());
            columns.add(new Column(
                    sent.name(),
                    typeName(connection, sent),
                    sent.typeOid(),
                    column.map(Column::nullable).orElse(true),
                    column.map(Column::number).orElse(0),
                    types.detail(sent.typeOid())));
        }
        return new Relation(
                known.table(),
                columns,
                primaryKey(known, message),
                known.foreignKeys(),
                1,
                message.oid(),
                known.partitions());
    }

    /**
     * The WAL marks the columns of the replica identity: those of the primary key, or all of them where whole old rows are
     * sent, or none while there is no key. It does not say their order.
     */
    private static List<String> primaryKey(Relation known, WalMessage.RelationMessage message) {
        List<String> marked = message.columns().stream()
                .filter(RelationColumn::inReplicaIdentity)
                .map(RelationColumn::name)
                .toList();
        boolean saysNothing =
                marked.isEmpty() || marked.size() == message.columns().size();
        boolean same = Set.copyOf(marked).equals(Set.copyOf(known.primaryKey()));
        return saysNothing || same ? known.primaryKey() : marked;
    }

    private String typeName(Connection connection, RelationColumn column) throws SQLException {
        RelationColumn type = new RelationColumn("", column.typeOid(), column.typeModifier(), false);
        String known = typeNames.get(type);
        if (known != null) {
            return known;
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT format_type(?::bigint::oid, ?)")) {
            statement.setLong(1, column.typeOid());
            statement.setInt(2, column.typeModifier());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                typeNames.put(type, row.getString(1));
                return row.getString(1);
            }
        }
    }

    private List<ValueType> valueTypes(TableId table, List<Column> columns) {
        return columns.stream().map(column -> valueType(types, table, column)).toList();
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
