package io.tidemark.capture.internal.snapshot;

import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Cuts what is left of a table into ranges of its key that hold about as many bytes each. The bounds come from a sample of
 * the table's pages: they need to ascend, not to be even.
 */
final class TableSplit {

    /** What one range should hold: little enough to be read again after a crash, and to be held in memory. */
    private static final long RANGE_BYTES = 4 * 1024 * 1024;

    private static final int MOST_RANGES = 20_000;

    /** Sampled pages for each range: the fewer, the more uneven. */
    private static final int PAGES_PER_RANGE = 16;

    /** Partitions hold the rows of a partitioned table; the estimate of a table never analysed is -1. */
    private static final String SIZE = """
            SELECT coalesce(sum(pg_table_size(c.oid)), 0) AS bytes, coalesce(sum(pg_relation_size(c.oid)), 0) / 8192 AS pages,
                   sum(CASE WHEN c.reltuples >= 0 THEN c.reltuples ELSE pg_relation_size(c.oid) / 100 END)::bigint AS rows
            FROM pg_class c
            WHERE c.relkind = 'r' AND (c.oid = ?::regclass OR c.oid IN (SELECT relid FROM pg_partition_tree(?::regclass)))
            """;

    private final Connection connection;
    private final Relation relation;

    TableSplit(Connection connection, Relation relation) {
        this.connection = connection;
        this.relation = relation;
    }

    /** The table's size as the server estimates it. */
    record Size(long bytes, long pages, long rows) {}

    Size size() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SIZE)) {
            statement.setString(1, relation.table().quoted());
            statement.setString(2, relation.table().quoted());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Size(row.getLong("bytes"), row.getLong("pages"), row.getLong("rows"));
            }
        }
    }

    /** The ranges of all keys after this one, in order; {@code after} is empty for the whole table. */
    List<KeyRange> rangesAfter(List<String> after, Size size) throws SQLException {
        long ranges = Math.min(MOST_RANGES, size.bytes() / RANGE_BYTES);
        return KeyRange.between(after, ranges < 2 ? List.of() : bounds(after, ranges, size.pages()));
    }

    private List<List<String>> bounds(List<String> after, long ranges, long pages) throws SQLException {
        int columns = relation.primaryKey().size();
        String texts = IntStream.range(0, columns)
                .mapToObj(i -> SqlIdentifiers.quote(relation.primaryKey().get(i)) + "::text")
                .collect(Collectors.joining(", "));
        String key = SqlIdentifiers.quoteAll(relation.primaryKey());
        double percent = Math.min(100, 100.0 * ranges * PAGES_PER_RANGE / Math.max(1, pages));
        String sql = "SELECT " + texts + " FROM (SELECT " + key + ", row_number() OVER (ORDER BY " + key
                + ") AS tidemark_n, count(*) OVER () AS tidemark_all FROM "
                + relation.table().quoted() + " TABLESAMPLE SYSTEM (" + percent + ")"
                + new KeyRange(after, List.of()).where(relation)
                + ") sample WHERE tidemark_n % greatest(tidemark_all / "
                + ranges + ", 1) = 0 ORDER BY tidemark_n";
        List<List<String>> bounds = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                List<String> bound = new ArrayList<>();
                for (int column = 1; column <= columns; column++) {
                    bound.add(rows.getString(column));
                }
                bounds.add(bound);
            }
        }
        return bounds;
    }
}
