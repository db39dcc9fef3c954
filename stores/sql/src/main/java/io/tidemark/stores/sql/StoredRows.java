package io.tidemark.stores.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.store.StoredDocument;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Reads the rows of one table back: as PostgreSQL's own JSON, in UTC, without Tidemark's columns. */
final class StoredRows {

    private static final int KEYS_PER_QUERY = 5_000;

    /** What a row is. */
    @FunctionalInterface
    interface Meaning {
        StoredDocument of(ObjectNode row, long position);
    }

    private final Warehouse warehouse;
    private final Located located;
    private final Meaning meaning;

    StoredRows(Warehouse warehouse, Located located, Meaning meaning) {
        this.warehouse = warehouse;
        this.located = located;
        this.meaning = meaning;
    }

    Map<RowKey, StoredDocument> get(List<RowKey> keys) {
        Map<RowKey, StoredDocument> found = new HashMap<>();
        for (int from = 0; from < keys.size(); from += KEYS_PER_QUERY) {
            List<RowKey> some = keys.subList(from, Math.min(keys.size(), from + KEYS_PER_QUERY));
            warehouse
                    .orFail(connection -> select(connection, some))
                    .forEach(document -> found.put(document.key(), document));
        }
        return found;
    }

    private List<StoredDocument> select(Connection connection, List<RowKey> keys) throws SQLException {
        List<StoredDocument> documents = new ArrayList<>();
        try (PreparedStatement select =
                connection.prepareStatement(located.in(connection).selectKeys())) {
            select.setString(
                    1, "[" + String.join(",", keys.stream().map(RowKey::json).toList()) + "]");
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    documents.add(document(row));
                }
            }
        }
        return documents;
    }

    void scan(int batchSize, Consumer<List<StoredDocument>> batches) {
        int rows = warehouse.orFail(connection -> scan(connection, batchSize, batches));
        System.getLogger(StoredRows.class.getName())
                .log(System.Logger.Level.DEBUG, "Scanned {0} rows of {1}", rows, warehouse.display());
    }

    /** The cursor sees one snapshot; PostgreSQL hands out {@code batchSize} rows at a time. */
    private int scan(Connection connection, int batchSize, Consumer<List<StoredDocument>> batches) throws SQLException {
        int rows = 0;
        List<StoredDocument> batch = new ArrayList<>();
        try (PreparedStatement select =
                connection.prepareStatement(located.in(connection).selectAll())) {
            select.setFetchSize(batchSize);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows++;
                    batch.add(document(row));
                    if (batch.size() == batchSize) {
                        batches.accept(List.copyOf(batch));
                        batch.clear();
                    }
                }
            }
        }
        if (!batch.isEmpty()) {
            batches.accept(List.copyOf(batch));
        }
        return rows;
    }

    private StoredDocument document(ResultSet row) throws SQLException {
        return meaning.of(Json.parseObject(row.getString(1)), row.getLong(2));
    }
}
