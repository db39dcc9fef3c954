package io.tidemark.model.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Operation;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One document, or one row of a mirror, to be written or deleted. With the key {@link RowKey#TRUNCATE}, which only
 * mirrors get, every row of the collection that is older.
 *
 * @param collection what it belongs to: the model's name for documents, {@code schema.table} for a mirror's rows
 * @param version fences the write: a store keeps the highest
 * @param content null to delete
 * @param origin the change a row of a mirror comes from; null where nobody keeps it
 */
public record Document(
        String collection,
        RowKey key,
        Version version,
        @Nullable DocumentBody content,
        @Nullable Origin origin) {

    /**
     * The change of the source behind a version.
     *
     * @param committed when its transaction committed, by the source's clock, to the millisecond; those of two
     *     transactions may be in the other order than their positions
     */
    public record Origin(Operation operation, Instant committed) {}

    /** One that does not say where it comes from. */
    public Document(String collection, RowKey key, Version version, @Nullable ObjectNode body) {
        this(collection, key, version, body == null ? null : DocumentBody.of(body), null);
    }

    /** The same, of a change. */
    public Document from(@Nullable Origin change) {
        return new Document(collection, key, version, content, change);
    }

    /** The content as a tree; null to delete. */
    public @Nullable ObjectNode body() {
        return content == null ? null : content.tree();
    }

    /** Whether it is deleted. */
    public boolean deletes() {
        return content == null;
    }

    /** Field or column, in every store, that says as of which position a document is. */
    public static final String POSITION_FIELD = "_tidemark";

    /** Whether it stands for every older row of its collection. */
    public boolean truncates() {
        return key.equals(RowKey.TRUNCATE);
    }
}
