package io.tidemark.stores.sql;

import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.StoredDocument;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads a mirror back: rows as PostgreSQL's own JSON, in UTC, without Tidemark's columns. */
public final class SqlMirrorReader implements DocumentReader {

    private static final int KEYS_PER_QUERY = 5_000;

    private final Warehouse warehouse;
    private final MirrorTables tables;
    private final Bookkeeping bookkeeping;

    public SqlMirrorReader(SqlSettings settings, String schema, List<Relation> relations, Generation generation) {
        this.warehouse = new Warehouse(settings);
        this.tables = new MirrorTables(schema, relations);
        this.bookkeeping = new Bookkeeping(schema, generation);
    }

    @Override
    public Optional<TidemarkRef> appliedTidemark() {
        return warehouse.orFail(bookkeeping::appliedTidemark);
    }

    @Override
    public Map<RowKey, StoredDocument> get(String collection, List<RowKey> keys) {
        MirrorTable table = tables.of(collection);
        Map<RowKey, StoredDocument> found = new HashMap<>();
        for (int from = 0; from < keys.size(); from += KEYS_PER_QUERY) {
            List<RowKey> some = keys.subList(from, Math.min(keys.size(), from + KEYS_PER_QUERY));
            warehouse
                    .orFail(connection -> select(connection, table, some))
                    .forEach(document -> found.put(document.key(), document));
        }
        return found;
    }

    private static List<StoredDocument> select(Connection connection, MirrorTable table, List<RowKey> keys)
            throws SQLException {
        List<StoredDocument> documents = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(table.selectKeys())) {
            select.setString(
                    1, "[" + String.join(",", keys.stream().map(RowKey::json).toList()) + "]");
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    documents.add(document(table, row));
                }
            }
        }
        return documents;
    }

    @Override
    public void scan(String collection, int batchSize, Consumer<List<StoredDocument>> batches) {
        MirrorTable table = tables.of(collection);
        int rows = warehouse.orFail(connection -> scan(connection, table, batchSize, batches));
        System.getLogger(SqlMirrorReader.class.getName())
                .log(System.Logger.Level.DEBUG, "Scanned {0} rows of {1}", rows, collection);
    }

    /** The cursor sees one snapshot; PostgreSQL hands out {@code batchSize} rows at a time. */
    private static int scan(
            Connection connection, MirrorTable table, int batchSize, Consumer<List<StoredDocument>> batches)
            throws SQLException {
        int rows = 0;
        List<StoredDocument> batch = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(table.selectAll())) {
            select.setFetchSize(batchSize);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows++;
                    batch.add(document(table, row));
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

    private static StoredDocument document(MirrorTable table, ResultSet row) throws SQLException {
        var body = Json.parseObject(row.getString(1));
        return new StoredDocument(table.relation().keyOf(body), row.getLong(2), body);
    }

    @Override
    public void close() {
        warehouse.close();
    }
}
