package io.tidemark.model.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import org.jspecify.annotations.Nullable;

/**
 * One document, or one row of a mirror, to be written or deleted. With the key {@link RowKey#TRUNCATE}, which only
 * mirrors get, every row of the collection that is older.
 *
 * @param collection what it belongs to: the model's name for documents, {@code schema.table} for a mirror's rows
 * @param version fences the write: a store keeps the highest
 * @param body null to delete
 */
public record Document(
        String collection,
        RowKey key,
        Version version,
        @Nullable ObjectNode body) {

    /** Field or column, in every store, that says as of which position a document is. */
    public static final String POSITION_FIELD = "_tidemark";

    /** Whether it stands for every older row of its collection. */
    public boolean truncates() {
        return key.equals(RowKey.TRUNCATE);
    }
}
