package io.tidemark.app.config;

import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds the columns that tell the documents of a root apart. */
final class KeyResolver {

    /** Types whose values are scalars in a row's JSON, and equal there only if they are equal in the source. */
    private static final Set<String> TYPES = Set.of(
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "boolean",
            "text",
            "character varying",
            "character",
            "uuid",
            "bytea",
            "date",
            "timestamp without time zone",
            "timestamp with time zone");

    private final Catalogue catalogue;
    private final Problems problems;
    private final KeyTrial trial;

    KeyResolver(Catalogue catalogue, Problems problems, KeyTrial trial) {
        this.catalogue = catalogue;
        this.problems = problems;
        this.trial = trial;
    }

    /** The columns; those of the root's primary key when the file says none, and after a problem. */
    List<String> resolve(Relation root, List<Mention> key) {
        List<String> columns = key.stream()
                .flatMap(mention -> column(root, mention).stream())
                .map(Column::name)
                .toList();
        if (key.isEmpty() || columns.size() < key.size()) {
            return root.primaryKey();
        }
        if (!new HashSet<>(columns).equals(new HashSet<>(root.primaryKey()))) {
            trial.objection(root.table(), columns)
                    .ifPresent(objection -> problems.add(key.get(0).place(), "key: " + objection));
        }
        return columns;
    }

    private Optional<Column> column(Relation root, Mention mention) {
        Optional<Column> column = catalogue.plainColumn(root, mention, "it can be in no key");
        Optional<String> objection = column.flatMap(found -> objection(root, found));
        objection.ifPresent(text -> problems.add(mention.place(), text));
        return objection.isPresent() ? Optional.empty() : column;
    }

    private static Optional<String> objection(Relation root, Column column) {
        String what = "column '" + column.name() + "' of " + root.table();
        if (root.primaryKey().contains(column.name())) {
            return Optional.empty();
        }
        if (column.nullable()) {
            return Optional.of(what + " may be NULL, so a row could have no key; make it NOT NULL");
        }
        return TYPES.contains(column.baseType())
                ? Optional.empty()
                : Optional.of(
                        what + " is " + column.type() + "; a key is made of integers, numeric, boolean, text, varchar,"
                                + " char(n), uuid, bytea, date, timestamp or timestamptz");
    }
}
