package io.tidemark.stores.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.JsonbSql;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.Division;
import io.tidemark.model.store.DocumentSums;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.HashedDocument;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.model.store.SummingReader;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads a mirror back: rows as PostgreSQL's own JSON, in UTC, with the columns their relations have and no others. One
 * that the mirror has not yet is NULL.
 */
public final class SqlMirrorReader implements SummingReader {

    private final Warehouse warehouse;
    private final MirrorTables served;
    private final MirrorPlace place;
    private final Bookkeeping bookkeeping;

    public SqlMirrorReader(SqlSettings settings, String schema, List<Relation> relations, Generation generation) {
        this.warehouse = new Warehouse(settings);
        this.served = new MirrorTables(schema, relations);
        this.place = new MirrorPlace(schema, generation);
        this.bookkeeping = new Bookkeeping(place::name, generation);
    }

    @Override
    public Optional<TidemarkRef> appliedTidemark() {
        return warehouse.orFail(connection -> {
            place.findToRead(connection);
            return bookkeeping.appliedTidemark(connection);
        });
    }

    @Override
    public Map<RowKey, StoredDocument> get(String collection, List<RowKey> keys) {
        return rows(collection).get(keys);
    }

    @Override
    public void scan(String collection, int batchSize, Consumer<List<StoredDocument>> batches) {
        rows(collection).scan(batchSize, batches);
    }

    @Override
    public DocumentSums sums(
            String collection, Division division, long position, Consumer<RowKey> newer, Runnable goOn) {
        return hashed(collection).sums(division, position, newer, goOn);
    }

    @Override
    public void hashes(String collection, Division division, BitSet of, Consumer<List<HashedDocument>> batches) {
        hashed(collection).hashes(division, of, batches);
    }

    private HashedRows hashed(String collection) {
        GuardedTable table = served.of(collection);
        List<Column> columns = table.relation().columns();
        return new HashedRows(
                warehouse,
                located(collection),
                present -> JsonbSql.object(columns.stream()
                        .map(Column::name)
                        .map(name -> JsonbSql.entry(name, present.contains(name) ? GuardedTable.ofRow(name) : "NULL"))
                        .toList()));
    }

    private Located located(String collection) {
        return connection -> served.in(place.findToRead(connection)).of(collection);
    }

    private StoredRows rows(String collection) {
        GuardedTable table = served.of(collection);
        return new StoredRows(
                warehouse,
                located(collection),
                (row, position) ->
                        new StoredDocument(table.relation().keyOf(row), position, described(table.relation(), row)));
    }

    private static ObjectNode described(Relation relation, ObjectNode row) {
        ObjectNode described = Json.object();
        for (Column column : relation.columns()) {
            JsonNode value = row.get(column.name());
            described.set(column.name(), value == null ? NullNode.getInstance() : value);
        }
        return described;
    }

    @Override
    public void close() {
        warehouse.close();
    }
}
