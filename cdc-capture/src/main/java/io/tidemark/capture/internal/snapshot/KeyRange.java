package io.tidemark.capture.internal.snapshot;

import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import java.util.ArrayList;
import java.util.List;

/**
 * A range of a table's primary key, in the key's own order.
 *
 * @param after the key before the range, each column as PostgreSQL prints it; empty for no bound
 * @param upTo the last key in it; empty for no bound
 */
record KeyRange(List<String> after, List<String> upTo) {

    KeyRange {
        after = List.copyOf(after);
        upTo = List.copyOf(upTo);
    }

    boolean isLast() {
        return upTo.isEmpty();
    }

    /** The ranges between these keys, which ascend; the first begins after {@code after}, the last has no end. */
    static List<KeyRange> between(List<String> after, List<List<String>> bounds) {
        List<KeyRange> ranges = new ArrayList<>();
        List<String> from = after;
        for (List<String> bound : bounds) {
            ranges.add(new KeyRange(from, bound));
            from = bound;
        }
        ranges.add(new KeyRange(from, List.of()));
        return ranges;
    }

    /** A {@code WHERE} clause with this range; empty text for the whole table. */
    String where(Relation relation) {
        List<String> conditions = new ArrayList<>();
        String key = "(" + SqlIdentifiers.quoteAll(relation.primaryKey()) + ")";
        if (!after.isEmpty()) {
            conditions.add(key + " > " + values(relation, after));
        }
        if (!upTo.isEmpty()) {
            conditions.add(key + " <= " + values(relation, upTo));
        }
        return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    private static String values(Relation relation, List<String> texts) {
        if (texts.size() != relation.primaryKey().size()) {
            throw new IllegalArgumentException(
                    "Key " + relation.primaryKey() + " of " + relation.table() + " has other columns than " + texts);
        }
        List<String> values = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            String type = relation.column(relation.primaryKey().get(i))
                    .map(Column::type)
                    .orElseThrow();
            values.add(SqlIdentifiers.literal(texts.get(i)) + "::" + type);
        }
        return "(" + String.join(", ", values) + ")";
    }
}
