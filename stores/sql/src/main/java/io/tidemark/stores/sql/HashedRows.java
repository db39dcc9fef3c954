package io.tidemark.stores.sql;

import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.store.DocumentSums;
import io.tidemark.model.store.HashedDocument;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The rows of one table, hashed by the warehouse. */
final class HashedRows {

    private static final int BATCH = 10_000;

    /** A document as SQL. */
    @FunctionalInterface
    interface Expression {

        /**
         * Of type jsonb.
         *
         * @param present the columns that the table has
         */
        String of(Set<String> present);
    }

    private final Warehouse warehouse;
    private final GuardedTable table;
    private final Expression document;

    HashedRows(Warehouse warehouse, GuardedTable table, Expression document) {
        this.warehouse = warehouse;
        this.table = table;
        this.document = document;
    }

    /** See {@link io.tidemark.model.store.SummingReader#sums}. */
    DocumentSums sums(int buckets, long position, Consumer<RowKey> newer) {
        return warehouse.orFail(connection -> {
            seeOneMoment(connection);
            try (Statement select = connection.createStatement()) {
                select.setFetchSize(BATCH);
                try (ResultSet row = select.executeQuery(table.selectKeysPast(position))) {
                    while (row.next()) {
                        newer.accept(key(row));
                    }
                }
            }
            return table.hashed(document(connection), table.upTo(position)).sums(connection, buckets, count -> {});
        });
    }

    /** See {@link io.tidemark.model.store.SummingReader#hashes}. */
    void hashes(int buckets, BitSet of, Consumer<List<HashedDocument>> batches) {
        warehouse.orFail(connection -> hashes(connection, buckets, of, batches));
    }

    private int hashes(Connection connection, int buckets, BitSet of, Consumer<List<HashedDocument>> batches)
            throws SQLException {
        int count = 0;
        List<HashedDocument> batch = new ArrayList<>();
        Array array = connection.createArrayOf("integer", of.stream().boxed().toArray());
        try (PreparedStatement select = connection.prepareStatement(
                table.hashed(document(connection), "").selectHashesInBuckets(table.keyObject(), buckets))) {
            select.setFetchSize(BATCH);
            select.setArray(1, array);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    count++;
                    batch.add(new HashedDocument(key(row), row.getLong(3)));
                    if (batch.size() == BATCH) {
                        batches.accept(List.copyOf(batch));
                        batch.clear();
                    }
                }
            }
        }
        batches.accept(List.copyOf(batch));
        return count;
    }

    private static void seeOneMoment(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set transaction isolation level repeatable read, read only");
        }
    }

    private String document(Connection connection) throws SQLException {
        TableSetup setup = new TableSetup(connection, warehouse.display(), table.schema());
        return document.of(setup.columns(table.quoted()).keySet());
    }

    private RowKey key(ResultSet row) throws SQLException {
        return table.relation().keyOf(Json.parseObject(row.getString(1)));
    }
}
