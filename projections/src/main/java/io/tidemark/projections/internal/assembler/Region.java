package io.tidemark.projections.internal.assembler;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * A part of a state store under a one-byte prefix. All of a node's state is in one store: a store has a changelog, and
 * every changelog is one more partition in each Kafka transaction.
 */
final class Region {

    private final KeyValueStore<Bytes, byte[]> store;
    private final byte tag;

    Region(KeyValueStore<Bytes, byte[]> store, char tag) {
        this.store = store;
        this.tag = (byte) tag;
    }

    byte @Nullable [] get(byte[] key) {
        return store.get(tagged(key));
    }

    void put(byte[] key, byte[] value) {
        store.put(tagged(key), value);
    }

    void delete(byte[] key) {
        store.delete(tagged(key));
    }

    void putOrDelete(byte[] key, byte @Nullable [] value) {
        if (value == null) {
            delete(key);
        } else {
            put(key, value);
        }
    }

    /** Everything, in key order. */
    KeyValueIterator<byte[], byte[]> all() {
        return prefixed(new byte[0]);
    }

    /** What has a prefix, in key order. */
    KeyValueIterator<byte[], byte[]> prefixed(byte[] prefix) {
        return new Untagged(store.prefixScan(tagged(prefix).get(), new ByteArraySerializer()));
    }

    /** What sorts at or after one key, and at or before another. */
    KeyValueIterator<byte[], byte[]> between(byte[] from, byte[] to) {
        return new Untagged(store.range(tagged(from), tagged(to)));
    }

    /** What sorts after a key. */
    KeyValueIterator<byte[], byte[]> after(byte[] key) {
        return prefixedAfter(new byte[0], key);
    }

    /** What has a prefix and sorts after a key that has it. */
    KeyValueIterator<byte[], byte[]> prefixedAfter(byte[] prefix, byte[] key) {
        // A zero byte more makes the smallest key after this one.
        Bytes from = tagged(Arrays.copyOf(key, key.length + 1));
        return new Untagged(store.range(from, behind(tagged(prefix))));
    }

    /** The smallest key that sorts after all that have a prefix, which begins with a tag and so has an end. */
    private static Bytes behind(Bytes prefix) {
        byte[] end = prefix.get().clone();
        int last = end.length - 1;
        while (end[last] == (byte) 0xFF) {
            last--;
        }
        end[last]++;
        return Bytes.wrap(Arrays.copyOf(end, last + 1));
    }

    private Bytes tagged(byte[] key) {
        return Bytes.wrap(ByteBuffer.allocate(1 + key.length).put(tag).put(key).array());
    }

    private record Untagged(KeyValueIterator<Bytes, byte[]> tagged) implements KeyValueIterator<byte[], byte[]> {

        @Override
        public boolean hasNext() {
            return tagged.hasNext();
        }

        @Override
        public KeyValue<byte[], byte[]> next() {
            KeyValue<Bytes, byte[]> next = tagged.next();
            return KeyValue.pair(untag(next.key), next.value);
        }

        @Override
        public byte[] peekNextKey() {
            return untag(tagged.peekNextKey());
        }

        private static byte[] untag(Bytes key) {
            return Arrays.copyOfRange(key.get(), 1, key.get().length);
        }

        @Override
        public void close() {
            tagged.close();
        }
    }
}
