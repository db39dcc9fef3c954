package io.tidemark.capture.internal;

import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The captured tables as readers of the topics know them, over restarts. Refuses what they could not follow. */
final class PublishedRelations {

    private final Map<TableId, Relation> relations;

    PublishedRelations(Map<TableId, Relation> newest) {
        relations = new HashMap<>(newest);
    }

    /** Rows of a renamed table, or of another one under a captured name, would go astray. */
    void requireSameTable(long oid, TableId table) {
        relations.values().stream()
                .filter(relation -> relation.oid() == oid && !relation.table().equals(table))
                .findFirst()
                .ifPresent(relation -> {
                    throw cannotFollow("Table " + relation.table() + " was renamed to " + table);
                });
        Relation known = relations.get(table);
        if (known != null && known.oid() != 0 && known.oid() != oid) {
            throw cannotFollow("Table " + table + " was dropped and made anew");
        }
    }

    /**
     * Takes a table's description for the one that readers are to know.
     *
     * @param described as the topics have it
     * @return what to publish; empty when readers know it
     */
    Optional<Relation> replace(Relation described) {
        Relation known = relations.get(described.table());
        if (known == null) {
            relations.put(described.table(), described);
            return Optional.of(described);
        }
        Relation now = withKnown(known, described);
        requireSameKey(known, now);
        requireSameComposites(known, now);
        Relation next = now.atVersion(known.version())
                .describing(known.from(), known.rowsFrom())
                .withFormer(known.former());
        if (next.equals(known)) {
            return Optional.empty();
        }
        relations.put(now.table(), next.atVersion(known.version() + 1));
        return of(now.table());
    }

    /** This is what was published. */
    void published(Relation relation) {
        relations.put(relation.table(), relation);
    }

    /** A column that the catalogue does not have any more, since capture is behind, is the one that was known. */
    private static Relation withKnown(Relation known, Relation now) {
        List<Column> columns = now.columns().stream()
                .map(column -> column.number() > 0
                        ? column
                        : known.column(column.name())
                                .filter(before -> before.typeOid() == column.typeOid())
                                .map(before -> new Column(
                                        column.name(),
                                        column.type(),
                                        column.typeOid(),
                                        before.nullable(),
                                        before.number(),
                                        column.detail()))
                                .orElse(column))
                .toList();
        return now.withColumns(columns);
    }

    /** The description before the next {@link #replace}. */
    Optional<Relation> of(TableId table) {
        return Optional.ofNullable(relations.get(table));
    }

    private static void requireSameKey(Relation known, Relation now) {
        if (!now.primaryKey().equals(known.primaryKey())) {
            throw cannotFollow("The primary key of " + now.table() + ", by which rows are told apart in the topics, was"
                    + " changed from " + known.primaryKey() + " to " + now.primaryKey());
        }
    }

    /**
     * The WAL does not say that a composite type was altered, and the text of its values names no attribute: rows from
     * before would be read by the attributes of after.
     */
    static void requireSameComposites(Relation known, Relation now) {
        for (Column column : now.columns()) {
            known.column(column.name())
                    .filter(before -> before.typeOid() == column.typeOid() && before.number() == column.number())
                    .map(Column::detail)
                    .filter(before -> before.startsWith("[") && !before.equals(column.detail()))
                    .ifPresent(before -> {
                        throw cannotFollow("Composite type " + column.type() + " of column '" + column.name() + "' of "
                                + now.table() + " was altered, which changes rows without a trace in the WAL");
                    });
        }
    }

    static TidemarkException cannotFollow(String what) {
        return new TidemarkException(
                ErrorCode.NOT_CAPTURABLE,
                what
                        + ", while it was captured, which this version cannot follow. Capture under a new kafka.prefix and slot");
    }
}
