package io.tidemark.model.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * How PostgreSQL hashes documents, wherever it holds them: the same in the source and in a warehouse. What is hashed is the
 * text of jsonb, in which equal documents are equal and numbers have their scale; the key's hash is the seed of its
 * document's.
 *
 * <p>Tables are read in pieces, so that no statement takes long: some pages at a time, as many as took about ten seconds
 * before. All pieces need to see the same snapshot; see {@link #PREPARE}.
 *
 * @param table whose rows are the documents, quoted
 * @param alias of the table in the expressions that follow
 * @param key the key's columns, see {@link #keyText}, in key order
 * @param document the document: jsonb
 * @param where a condition; empty for all rows
 */
public record HashedTable(String table, String alias, List<String> key, String document, String where) {

    private static final int FIRST_PAGES = 1 << 6;
    private static final long PIECE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** What makes 32 bits an integer of either sign. */
    private static final long LOW_OFFSET = 1L << 31;

    /** More than a table can have. */
    private static final long MAX_PAGES = (1L << 32) - 1;

    /** The first version that finds pages without reading those before them. */
    private static final int FINDS_PAGES = 14;

    private static final int FETCH_SIZE = 10_000;

    /**
     * To be executed in the transaction before: a piece that is read by parallel workers is a scan of the whole table, and
     * groups that do not fit into memory are slow.
     */
    public static final String PREPARE = "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '128MB';"
            + " SET LOCAL statement_timeout = 0";

    /** Takes rows. */
    @FunctionalInterface
    public interface Rows {
        void of(ResultSet rows) throws SQLException;
    }

    public HashedTable {
        key = List.copyOf(key);
    }

    /**
     * The text of a key's column: that of a JSON string, or of another value, as canonical keys have it. Of domains and
     * others whose equal values have several texts it is not: such keys are suspect.
     */
    public static String keyText(String column, String baseType) {
        return switch (baseType) {
            case "smallint", "integer", "bigint", "uuid", "text", "character varying", "character" -> column + "::text";
            case "numeric" -> "trim_scale(" + column + ")::text";
            default -> "(to_jsonb(" + column + ") #>> '{}')";
        };
    }

    /**
     * The sums.
     *
     * @param progress takes the number of documents so far
     */
    public DocumentSums sums(Connection connection, Division division, LongConsumer progress) throws SQLException {
        DocumentSums sums = new DocumentSums(division);
        // OFFSET keeps subqueries: a hash is computed once, and a group does not carry documents.
        String hashes = "SELECT d.key_hash, " + hash("d.document", "d.key_hash") + " AS hash FROM (SELECT "
                + keyHash(division) + " AS key_hash, " + document + " AS document" + fromPages()
                + " OFFSET 0) AS d OFFSET 0";
        // Sums of integer are bigint. Those of bigint are numeric, which takes longer.
        String select = "SELECT " + bucket("h.key_hash", division) + ", count(*), sum((h.hash >> 32)::integer),"
                + " sum(((h.hash & 4294967295) - " + LOW_OFFSET + ")::integer) FROM (" + hashes + ") AS h GROUP BY 1";
        inPieces(connection, select, new BitSet(), rows -> {
            while (rows.next()) {
                long count = rows.getLong(2);
                long low = rows.getLong(4) + count * LOW_OFFSET;
                sums.add(rows.getInt(1), count, (rows.getLong(3) << Integer.SIZE) + low);
            }
            progress.accept(sums.count());
        });
        return sums;
    }

    /**
     * The rows in some buckets.
     *
     * @param others expressions to be selected before the key's hash and the document's
     */
    public void hashes(Connection connection, String others, Division division, BitSet of, Rows rows)
            throws SQLException {
        String select = "SELECT " + others + ", " + hashes(division) + fromPages() + " AND "
                + bucket(keyHash(division), division) + " = ANY (?)";
        inPieces(connection, select, of, rows);
    }

    /** All rows, without hashes. */
    public void select(Connection connection, String expressions, Rows rows) throws SQLException {
        inPieces(connection, "SELECT " + expressions + fromPages(), new BitSet(), rows);
    }

    /**
     * A query of rows with their key's hash and their document's behind other expressions.
     *
     * @param others expressions
     * @param join further tables, as a JOIN
     */
    public String selectHashes(String others, String join, Division division) {
        return "SELECT " + others + ", " + hashes(division) + " FROM " + table + " AS " + alias + join
                + (where.isEmpty() ? "" : " WHERE (" + where + ")");
    }

    private void inPieces(Connection connection, String query, BitSet buckets, Rows rows) throws SQLException {
        long pages = pages(connection);
        long atOnce = connection.getMetaData().getDatabaseMajorVersion() < FINDS_PAGES ? MAX_PAGES : FIRST_PAGES;
        try (PreparedStatement select = connection.prepareStatement(query)) {
            select.setFetchSize(FETCH_SIZE);
            if (!buckets.isEmpty()) {
                select.setArray(
                        3,
                        connection.createArrayOf(
                                "integer", buckets.stream().boxed().toArray()));
            }
            for (long page = 0; page < pages; ) {
                long startNanos = System.nanoTime();
                long end = Math.min(page + atOnce, MAX_PAGES);
                select.setString(1, "(" + page + ",0)");
                select.setString(2, "(" + end + ",0)");
                try (ResultSet piece = select.executeQuery()) {
                    rows.of(piece);
                }
                page = end;
                atOnce = next(atOnce, System.nanoTime() - startNanos);
            }
        }
    }

    private static long next(long pages, long nanos) {
        double wanted = (double) pages * PIECE_NANOS / Math.max(1, nanos);
        return (long) Math.max(1, Math.min(wanted, 4.0 * pages));
    }

    /** As many as the largest of the table and its partitions has now: a snapshot taken before has rows in no others. */
    private long pages(Connection connection) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("WITH RECURSIVE tree (oid) AS (SELECT CAST(CAST(? AS regclass) AS oid)"
                        + " UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)"
                        + " SELECT coalesce(max(pg_relation_size(oid)), 0) / current_setting('block_size')::bigint"
                        + " FROM tree")) {
            select.setString(1, table);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private String fromPages() {
        return " FROM " + table + " AS " + alias + " WHERE " + alias + ".ctid >= CAST(? AS tid) AND " + alias
                + ".ctid < CAST(? AS tid)" + (where.isEmpty() ? "" : " AND (" + where + ")");
    }

    private String hashes(Division division) {
        return keyHash(division) + ", " + hash(document, keyHash(division));
    }

    private String keyHash(Division division) {
        String hash = "'" + division.salt() + "'::bigint";
        for (String text : key) {
            hash = "hashtextextended(" + text + " COLLATE \"C\", " + hash + ")";
        }
        return "coalesce(" + hash + ", 0)"; // rows without a key are not lost
    }

    private static String bucket(String keyHash, Division division) {
        return "(" + keyHash + " & " + (division.buckets() - 1) + ")::integer";
    }

    private static String hash(String json, String seed) {
        return "hashtextextended((" + json + ")::text COLLATE \"C\", " + seed + ")";
    }
}
