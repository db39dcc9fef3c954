package io.tidemark.stores.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Division;
import io.tidemark.model.store.DocumentSums;
import io.tidemark.model.store.HashedDocument;
import io.tidemark.model.store.HashedTable;
import java.sql.Connection;
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
    private final Located located;
    private final Expression document;

    HashedRows(Warehouse warehouse, Located located, Expression document) {
        this.warehouse = warehouse;
        this.located = located;
        this.document = document;
    }

    /** See {@link io.tidemark.model.store.SummingReader#sums}. */
    DocumentSums sums(Division division, long position, Consumer<RowKey> newer, Runnable goOn) {
        String upTo = GuardedTable.upTo(position);
        return warehouse.orFail(connection -> {
            GuardedTable table = beginReading(connection);
            String document = document(connection, table);
            table.hashed(document, "NOT " + upTo).select(connection, table.keyText(), rows -> {
                goOn.run();
                while (rows.next()) {
                    newer.accept(key(rows, table));
                }
            });
            return table.hashed(document, upTo).sums(connection, division, count -> goOn.run());
        });
    }

    /** See {@link io.tidemark.model.store.SummingReader#hashes}. */
    void hashes(Division division, BitSet of, Consumer<List<HashedDocument>> batches) {
        warehouse.orFail(connection -> {
            GuardedTable table = beginReading(connection);
            HashedTable hashed = table.hashed(document(connection, table), "");
            hashed.hashes(connection, table.keyText(), division, of, rows -> batches.accept(batch(rows, table)));
            return of;
        });
    }

    private List<HashedDocument> batch(ResultSet rows, GuardedTable table) throws SQLException {
        List<HashedDocument> batch = new ArrayList<>();
        while (rows.next()) {
            batch.add(new HashedDocument(key(rows, table), rows.getLong(3)));
        }
        return batch;
    }

    /** Of one moment. */
    private GuardedTable beginReading(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set transaction isolation level repeatable read, read only");
            statement.execute(HashedTable.PREPARE);
            return located.in(connection);
        }
    }

    private String document(Connection connection, GuardedTable table) throws SQLException {
        TableSetup setup = new TableSetup(connection, warehouse.display(), table.schema());
        return document.of(setup.columns(table.quoted()).keySet());
    }

    private RowKey key(ResultSet row, GuardedTable table) throws SQLException {
        ObjectNode key = Json.parseObject(row.getString(1));
        if (key.properties().stream().anyMatch(column -> column.getValue().isNull())) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    "Table " + table.quoted() + " of " + warehouse.display() + " has a row with the key " + key
                            + ", so somebody took its primary key away: delete the row and make the key ("
                            + String.join(", ", table.relation().primaryKey()) + ") again");
        }
        return table.relation().keyOf(key);
    }
}
