package io.tidemark.model.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * How PostgreSQL hashes documents, wherever it holds them: the same in the source and in a warehouse. What is hashed is the
 * text of jsonb, in which equal documents are equal and numbers have their scale; the key's hash is the seed of its
 * document's.
 *
 * @param table whose rows are the documents, quoted
 * @param alias of the table in the expressions that follow
 * @param key the key's columns, in key order
 * @param document the document: jsonb
 * @param where a condition; empty for all rows
 */
public record HashedTable(String table, String alias, List<String> key, String document, String where) {

    /** 128 MB. */
    private static final int PAGES_AT_ONCE = 1 << 14;

    /** More than a table can have. */
    private static final long MAX_PAGES = (1L << 32) - 1;

    private static final int FETCH_SIZE = 10_000;

    public HashedTable {
        key = List.copyOf(key);
    }

    /**
     * The sums, made some pages of the table at a time. All queries need to see the same snapshot.
     *
     * @param progress takes the number of documents so far
     */
    public DocumentSums sums(Connection connection, int buckets, LongConsumer progress) throws SQLException {
        DocumentSums sums = new DocumentSums(buckets);
        long pages = pages(connection);
        long atOnce = pages == MAX_PAGES ? MAX_PAGES : PAGES_AT_ONCE;
        try (PreparedStatement select = connection.prepareStatement(selectSums(buckets))) {
            select.setFetchSize(FETCH_SIZE);
            for (long page = 0; page < pages; page += atOnce) {
                select.setString(1, "(" + page + ",0)");
                select.setString(2, "(" + Math.min(page + atOnce, MAX_PAGES) + ",0)");
                try (ResultSet rows = select.executeQuery()) {
                    addAll(rows, sums);
                }
                progress.accept(sums.count());
            }
        }
        return sums;
    }

    private static void addAll(ResultSet rows, DocumentSums sums) throws SQLException {
        while (rows.next()) {
            // The sum of bigint is numeric and does not overflow.
            long sum = rows.getBigDecimal(3).toBigInteger().longValue();
            sums.add(rows.getInt(1), rows.getLong(2), sum);
        }
    }

    /** As many as the table has now: rows of a snapshot taken before are in none after them. */
    private long pages(Connection connection) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT CASE WHEN relkind = 'r' AND NOT relhassubclass"
                        + " THEN pg_relation_size(oid) / current_setting('block_size')::bigint END"
                        + " FROM pg_class WHERE oid = CAST(? AS regclass)")) {
            select.setString(1, table);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                long pages = row.getLong(1);
                return row.wasNull() ? MAX_PAGES : pages; // of several tables, whose pages have the same numbers
            }
        }
    }

    private String selectSums(int buckets) {
        // OFFSET keeps the subquery: without it the key's hash would be computed twice.
        return "SELECT " + bucket("h.key_hash", buckets) + ", count(*), sum(" + hash("h.document", "h.key_hash")
                + ") FROM (SELECT " + keyHash() + " AS key_hash, " + document + " AS document FROM " + table + " AS "
                + alias + " WHERE " + alias + ".ctid >= CAST(? AS tid) AND " + alias + ".ctid < CAST(? AS tid)"
                + (where.isEmpty() ? "" : " AND (" + where + ")") + " OFFSET 0) AS h GROUP BY 1";
    }

    /**
     * Selects rows with their key's hash and their document's behind other expressions.
     *
     * @param others expressions
     * @param join further tables, as a JOIN; empty for none
     */
    public String selectHashes(String others, String join) {
        return "SELECT " + others + ", " + keyHash() + ", " + hash(document, keyHash()) + " FROM " + table + " AS "
                + alias + join + (where.isEmpty() ? "" : " WHERE (" + where + ")");
    }

    /** The same of the rows in some buckets, see {@link DocumentSums#bucketOf}: a bound array of integers. */
    public String selectHashesInBuckets(String others, int buckets) {
        return selectHashes(others, "") + (where.isEmpty() ? " WHERE " : " AND ") + bucket(keyHash(), buckets)
                + " = ANY (?)";
    }

    private String keyHash() {
        return hash("jsonb_build_array(" + String.join(", ", key) + ")", "0");
    }

    private static String bucket(String keyHash, int buckets) {
        return "(" + keyHash + " & " + (buckets - 1) + ")::integer";
    }

    private static String hash(String json, String seed) {
        return "hashtextextended((" + json + ")::text COLLATE \"C\", " + seed + ")";
    }
}
