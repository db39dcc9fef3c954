package io.tidemark.capture.internal.snapshot;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.kafka.CommittedRecords;
import io.tidemark.capture.internal.kafka.FillingTable;
import io.tidemark.capture.internal.rows.ComparedRows;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Version;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rows that a topic has and the source has not: all rows were written once more, so what is older than that and
 * was not is no more. Keys are held in passes, so that memory does not grow with the table.
 */
final class TopicSweep implements AutoCloseable {

    private static final long KEYS_HELD = 500_000;
    private static final int MOST_FOUND = 100_000;

    /**
     * What a sweep found.
     *
     * @param all whether there is nothing more to find
     */
    record Found(List<RowKey> keys, boolean all) {}

    private final CaptureSettings settings;
    private final FillingTable table;
    private final @Nullable ComparedRows compared;
    private final List<Long> ends;
    private final Lsn reached;
    private final Thread thread;
    private volatile @Nullable Found found;
    private volatile @Nullable TidemarkException failure;

    /**
     * Prepares it.
     *
     * @param compared what the topic had of the table and the source was not seen to have, where that was compared
     * @param ends offsets of the topic, by partition, up to which it is read
     * @param reached every transaction whose commit record starts before it is in that part of the topic
     * @param ready called when there is a result
     */
    TopicSweep(
            CaptureSettings settings,
            FillingTable table,
            @Nullable ComparedRows compared,
            List<Long> ends,
            Lsn reached,
            Runnable ready) {
        this.settings = settings;
        this.compared = compared;
        this.table = table;
        this.ends = List.copyOf(ends);
        this.reached = reached;
        this.thread = new Thread(
                () -> {
                    try {
                        found = sweep();
                    } catch (RuntimeException | Error e) {
                        failure = new TidemarkException(
                                ErrorCode.UNREACHABLE,
                                "The topic of " + table.table() + " cannot be read: " + e.getMessage(),
                                e);
                    }
                    ready.run();
                },
                "tidemark-sweep");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    FillingTable table() {
        return table;
    }

    Lsn reached() {
        return reached;
    }

    /** What it found; empty while it reads. */
    Optional<Found> found() {
        TidemarkException failed = failure;
        if (failed != null) {
            throw failed;
        }
        return Optional.ofNullable(found);
    }

    private Found sweep() {
        if (compared != null) {
            List<RowKey> missed = compared.missed(ends, MOST_FOUND);
            return new Found(missed, missed.size() < MOST_FOUND);
        }
        List<RowKey> keys = new ArrayList<>();
        for (int partition = 0; partition < ends.size(); partition++) {
            long passes = 1 + ends.get(partition) / KEYS_HELD;
            for (int pass = 0; pass < passes && keys.size() < MOST_FOUND; pass++) {
                keys.addAll(unwritten(partition, pass, passes));
            }
        }
        return keys.size() <= MOST_FOUND
                ? new Found(keys, keys.size() < MOST_FOUND)
                : new Found(keys.subList(0, MOST_FOUND), false);
    }

    private Set<RowKey> unwritten(int partition, int pass, long passes) {
        Set<RowKey> keys = new LinkedHashSet<>();
        TopicPartition read = new TopicPartition(settings.topics().changes(table.table()), partition);
        new CommittedRecords(settings.kafkaClient()).forEach(Map.of(read, ends.get(partition)), record -> {
            RowKey key = RowKey.decode(record.key());
            if (key.equals(RowKey.TRUNCATE)) {
                keys.clear();
            } else if (Math.floorMod(key.hashCode(), passes) == pass) {
                take(record, key, keys);
            }
        });
        return keys;
    }

    private void take(ConsumerRecord<byte[], byte[]> record, RowKey key, Set<RowKey> keys) {
        Header header = record.headers().lastHeader(Version.HEADER);
        boolean since = header != null && Version.decode(header.value()).position() >= table.from();
        if (record.value() == null || since) {
            keys.remove(key);
        } else {
            keys.add(key);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
