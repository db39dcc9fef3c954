package io.tidemark.projections.internal.assembler;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * Rows to be sent on, and subscriptions to be answered, at one position. Kept in memory while a tidemark is worked off;
 * {@link #save} puts what is left into the store when the work is interrupted.
 */
final class Dirty {

    private static final byte[] POSITION = {'p'};
    private static final byte ROW = 'r';
    private static final byte ANSWER = 's';
    private static final byte[] NOTHING = {};

    private final Region store;
    private final Set<Bytes> rows = new LinkedHashSet<>();
    private final Set<Bytes> answers = new LinkedHashSet<>();
    private long position;
    private boolean saved;

    Dirty(Region store) {
        this.store = store;
        try (KeyValueIterator<byte[], byte[]> entries = store.all()) {
            while (entries.hasNext()) {
                load(entries.next());
            }
        }
    }

    private void load(KeyValue<byte[], byte[]> entry) {
        saved = true;
        byte[] key = entry.key;
        byte[] rest = java.util.Arrays.copyOfRange(key, 1, key.length);
        switch (key[0]) {
            case ROW -> rows.add(Bytes.wrap(rest));
            case ANSWER -> answers.add(Bytes.wrap(rest));
            default -> position = ByteBuffer.wrap(entry.value).getLong();
        }
    }

    boolean isEmpty() {
        return rows.isEmpty() && answers.isEmpty();
    }

    /** The position the entries became dirty at; of several, the last. */
    long position() {
        return position;
    }

    void row(byte[] key, long at) {
        rows.add(Bytes.wrap(key));
        position = at;
    }

    void answer(byte[] key, byte[] subscriber, long at) {
        answers.add(Bytes.wrap(StateKeys.pair(key, subscriber)));
        position = at;
    }

    /** Takes the next row out; null when there is none. */
    byte @Nullable [] nextRow() {
        return next(rows);
    }

    /** Takes the next subscription out, key and subscriber as a pair; null when there is none. */
    byte @Nullable [] nextAnswer() {
        return next(answers);
    }

    private static byte @Nullable [] next(Set<Bytes> set) {
        Iterator<Bytes> iterator = set.iterator();
        if (!iterator.hasNext()) {
            return null;
        }
        byte[] next = iterator.next().get();
        iterator.remove();
        return next;
    }

    /** Makes the store hold exactly what is left. */
    void save() {
        if (saved) {
            clearStore();
        }
        if (isEmpty()) {
            return;
        }
        rows.forEach(row -> store.put(tagged(ROW, row), NOTHING));
        answers.forEach(answer -> store.put(tagged(ANSWER, answer), NOTHING));
        store.put(POSITION, ByteBuffer.allocate(Long.BYTES).putLong(position).array());
        saved = true;
    }

    private void clearStore() {
        store.keys().forEach(store::delete);
        saved = false;
    }

    private static byte[] tagged(byte tag, Bytes key) {
        return ByteBuffer.allocate(1 + key.get().length).put(tag).put(key.get()).array();
    }
}
