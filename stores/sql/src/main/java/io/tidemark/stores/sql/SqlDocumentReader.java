package io.tidemark.stores.sql;

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
 * Reads the documents of a table back. Where a column does not hold what the document beside it says, the document has
 * one more entry, {@code _tidemark_columns}, with what such columns hold: it is equal to no document of the source.
 *
 * <p>The collection is the table's; its name is not looked at.
 */
public final class SqlDocumentReader implements SummingReader {

    private final Warehouse warehouse;
    private final DocumentRows rows;
    private final Bookkeeping bookkeeping;
    private final DocumentPlace place;
    private final StoredRows stored;
    private final HashedRows hashed;

    public SqlDocumentReader(SqlSettings settings, SqlDocumentTable table, Generation generation) {
        this.warehouse = new Warehouse(settings);
        this.rows = new DocumentRows(table);
        this.bookkeeping = new Bookkeeping(table.table().schema(), generation);
        this.place = new DocumentPlace(table.table(), generation);
        Located located = connection ->
                rows.in(place.find(connection).orElse(table.table().name())).table();
        this.stored = new StoredRows(warehouse, located, rows::document);
        this.hashed = new HashedRows(warehouse, located, rows::document);
    }

    @Override
    public Optional<TidemarkRef> appliedTidemark() {
        return warehouse.orFail(connection ->
                place.find(connection).isPresent() ? bookkeeping.appliedTidemark(connection) : Optional.empty());
    }

    @Override
    public Map<RowKey, StoredDocument> get(String collection, List<RowKey> keys) {
        return stored.get(keys);
    }

    @Override
    public void scan(String collection, int batchSize, Consumer<List<StoredDocument>> batches) {
        stored.scan(batchSize, batches);
    }

    @Override
    public DocumentSums sums(
            String collection, Division division, long position, Consumer<RowKey> newer, Runnable goOn) {
        return hashed.sums(division, position, newer, goOn);
    }

    @Override
    public void hashes(String collection, Division division, BitSet of, Consumer<List<HashedDocument>> batches) {
        hashed.hashes(division, of, batches);
    }

    @Override
    public void close() {
        warehouse.close();
    }
}
