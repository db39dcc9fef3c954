package io.tidemark.projections.internal.assembler;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * Rows to be sent on, and subscriptions to be answered, at one position. Kept in memory while a tidemark is worked off;
 * {@link #save} puts into the store what is left when the work is interrupted, at a cost of what changed since it was
 * called before.
 */
final class Dirty {

    /**
     * Something to send.
     *
     * @param subscriber the only row to send it to; null when it goes to whomever the row concerns
     */
    record Entry(Bytes row, @Nullable Bytes subscriber) {}

    private static final byte[] POSITION = {'p'};
    private static final byte[] PROGRESS = {'c'};
    private static final byte ROW = 'r';
    private static final byte ANSWER = 's';
    private static final byte[] NOTHING = {};

    private final Region store;
    private final Set<Bytes> waiting = new LinkedHashSet<>();
    private final Set<Bytes> changed = new LinkedHashSet<>();
    private final Set<Bytes> stored = new HashSet<>();
    private @Nullable Bytes sentTo;
    private @Nullable Bytes storedProgress;
    private long position;
    private long storedPosition;

    Dirty(Region store) {
        this.store = store;
        loadProgress();
        try (KeyValueIterator<byte[], byte[]> entries = store.all()) {
            while (entries.hasNext()) {
                load(entries.next());
            }
        }
    }

    /** The entry that was being sent comes first again. */
    private void loadProgress() {
        byte[] progress = store.get(PROGRESS);
        if (progress != null) {
            storedProgress = Bytes.wrap(progress);
            sentTo = Bytes.wrap(StateKeys.second(progress));
            waiting.add(Bytes.wrap(StateKeys.first(progress)));
        }
    }

    private void load(KeyValue<byte[], byte[]> entry) {
        if (entry.key[0] == ROW || entry.key[0] == ANSWER) {
            waiting.add(Bytes.wrap(entry.key));
            stored.add(Bytes.wrap(entry.key));
        } else if (Arrays.equals(entry.key, POSITION)) {
            position = ByteBuffer.wrap(entry.value).getLong();
            storedPosition = position;
        }
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** The position the entries became dirty at; of several, the last. */
    long position() {
        return position;
    }

    /** A row's object may have changed. Not while {@link #next} is being sent. */
    void row(byte[] key, long at) {
        add(tagged(ROW, key), at);
    }

    /** A row is to be told of another. Not while {@link #next} is being sent. */
    void answer(byte[] key, byte[] subscriber, long at) {
        add(tagged(ANSWER, StateKeys.pair(key, subscriber)), at);
    }

    private void add(Bytes entry, long at) {
        if (waiting.add(entry)) {
            changed.add(entry);
        }
        position = at;
    }

    /** What is to be sent next, until it is {@link #done}; null when there is nothing. */
    @Nullable
    Entry next() {
        Iterator<Bytes> entries = waiting.iterator();
        if (!entries.hasNext()) {
            return null;
        }
        byte[] entry = entries.next().get();
        byte[] rest = Arrays.copyOfRange(entry, 1, entry.length);
        return entry[0] == ROW
                ? new Entry(Bytes.wrap(rest), null)
                : new Entry(Bytes.wrap(StateKeys.first(rest)), Bytes.wrap(StateKeys.second(rest)));
    }

    /** What was to be sent next is sent. */
    void done() {
        Iterator<Bytes> entries = waiting.iterator();
        changed.add(entries.next());
        entries.remove();
        sentTo = null;
    }

    /** To whom {@link #next} was sent last, of those it goes to in order of their keys; null when to none. */
    byte @Nullable [] sentTo() {
        return sentTo == null ? null : sentTo.get();
    }

    void sentTo(byte[] receiver) {
        sentTo = Bytes.wrap(receiver);
    }

    /** Nothing is to be sent any more. */
    void clear() {
        changed.addAll(waiting);
        waiting.clear();
        sentTo = null;
    }

    /** Makes the store hold exactly what is left. */
    void save() {
        changed.forEach(this::save);
        changed.clear();
        saveProgress();
        if (!waiting.isEmpty() && position != storedPosition) {
            store.put(
                    POSITION, ByteBuffer.allocate(Long.BYTES).putLong(position).array());
            storedPosition = position;
        }
    }

    private void save(Bytes entry) {
        if (!waiting.contains(entry)) {
            if (stored.remove(entry)) {
                store.delete(entry.get());
            }
        } else if (stored.add(entry)) {
            store.put(entry.get(), NOTHING);
        }
    }

    private void saveProgress() {
        Bytes progress = sentTo == null
                ? null
                : Bytes.wrap(StateKeys.pair(waiting.iterator().next().get(), sentTo.get()));
        if (!Objects.equals(progress, storedProgress)) {
            store.putOrDelete(PROGRESS, progress == null ? null : progress.get());
            storedProgress = progress;
        }
    }

    private static Bytes tagged(byte tag, byte[] key) {
        return Bytes.wrap(ByteBuffer.allocate(1 + key.length).put(tag).put(key).array());
    }
}
