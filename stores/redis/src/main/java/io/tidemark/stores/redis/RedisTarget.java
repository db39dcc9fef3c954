package io.tidemark.stores.redis;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Generation;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where documents go in a Redis, and what becomes of them there.
 *
 * @param keyTemplate for example {@code order:{id}}: every column of the key once
 * @param keyColumns the key of the documents
 * @param entries every top-level entry documents have; needed for {@link Form#HASH}
 * @param ttl how long after it was written a document expires; null for never
 * @param pointed whether each generation has keys of its own, {@code 2:order:17}, and readers ask first which one is
 *     live; else generations take the keys over from each other
 */
public record RedisTarget(
        String keyTemplate,
        List<String> keyColumns,
        Form form,
        List<String> entries,
        @Nullable Duration ttl,
        boolean pointed) {

    /** What a document is under its key. */
    public enum Form {
        /** A string with the document's JSON. */
        JSON,
        /** A hash with a field per top-level entry. */
        HASH,
        /** Nothing: what somebody keeps under the key is deleted when the document changes. */
        INVALIDATE;

        /** As the configuration and the script call it. */
        public String lowerCase() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public RedisTarget {
        keyColumns = List.copyOf(keyColumns);
        entries = List.copyOf(entries);
        if (ttl != null && ttl.toMillis() < 1) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION, "Documents must live for a millisecond at least, not " + ttl);
        }
    }

    /** Under keys that generations take over from each other. */
    public RedisTarget(
            String keyTemplate, List<String> keyColumns, Form form, List<String> entries, @Nullable Duration ttl) {
        this(keyTemplate, keyColumns, form, entries, ttl, false);
    }

    /** The template of the keys of one generation. */
    String templateOf(Generation generation) {
        return pointed ? generation.number() + ":" + keyTemplate : keyTemplate;
    }

    /** Where the server says which generation readers are given. */
    String said() {
        return pointed ? RedisKeys.pointer(keyTemplate) : RedisKeys.serving(keyTemplate);
    }

    /** The same with keys of their own for each generation. */
    public RedisTarget behindPointer() {
        return new RedisTarget(keyTemplate, keyColumns, form, entries, ttl, true);
    }

    /** JSON strings. */
    public static RedisTarget json(String keyTemplate, List<String> keyColumns) {
        return new RedisTarget(keyTemplate, keyColumns, Form.JSON, List.of(), null);
    }

    /** Hashes. */
    public static RedisTarget hash(String keyTemplate, List<String> keyColumns, List<String> entries) {
        return new RedisTarget(keyTemplate, keyColumns, Form.HASH, entries, null);
    }

    /** Keys of somebody else's that are deleted. */
    public static RedisTarget invalidate(String keyTemplate, List<String> keyColumns) {
        return new RedisTarget(keyTemplate, keyColumns, Form.INVALIDATE, List.of(), null);
    }

    /** The same with documents that expire. */
    public RedisTarget withTtl(Duration duration) {
        return new RedisTarget(keyTemplate, keyColumns, form, entries, duration, pointed);
    }
}
