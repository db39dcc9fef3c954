package io.tidemark.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads a topic from its end, committed records only, and notes when each row arrives. Sender and reader share a clock. */
final class Arrivals implements AutoCloseable {

    private static final long NOTHING = Long.MIN_VALUE;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final long firstId;
    private final long[] sentNanos;
    private final AtomicLongArray arrivedNanos;
    private final CountDownLatch missing;
    private final Thread reader = new Thread(this::read, "arrivals");
    private volatile boolean closed;
    private volatile int valueBytes;
    private final AtomicInteger repeated = new AtomicInteger();

    /** Expects {@code count} rows with ids from {@code firstId}. */
    Arrivals(Lane lane, String topic, long firstId, int count) {
        this.firstId = firstId;
        this.sentNanos = new long[count];
        this.arrivedNanos = new AtomicLongArray(count);
        this.missing = new CountDownLatch(count);
        Arrays.setAll(sentNanos, any -> NOTHING);
        for (int i = 0; i < count; i++) {
            arrivedNanos.set(i, NOTHING);
        }
        this.consumer = new KafkaConsumer<>(ChangeTopic.consumer(lane.bootstrapServers()));
        List<TopicPartition> partitions = IntStream.range(0, Lane.PARTITIONS)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
    }

    void start() {
        reader.start();
    }

    /** A row is on its way since then, {@link System#nanoTime}. */
    void sent(long id, long nanos) {
        sentNanos[(int) (id - firstId)] = nanos;
    }

    /** Times in microseconds, when all rows arrived, each once. */
    Histogram await() throws InterruptedException {
        if (!missing.await(60, TimeUnit.SECONDS) || repeated.get() > 0) {
            throw new IllegalStateException(missing.getCount() + " of " + sentNanos.length
                    + " rows did not arrive within a minute, and " + repeated.get() + " arrived twice");
        }
        Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(2), 3);
        for (int i = 0; i < sentNanos.length; i++) {
            micros.recordValue(Math.max(0, TimeUnit.NANOSECONDS.toMicros(arrivedNanos.get(i) - sentNanos[i])));
        }
        return micros;
    }

    /** Size of the newest record's value. */
    int valueBytes() {
        return valueBytes;
    }

    private void read() {
        while (!closed) {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> arrived(record.value()));
        }
    }

    private void arrived(byte[] value) {
        long now = System.nanoTime();
        int index = (int) (RowDigest.id(value) - firstId);
        if (index < 0 || index >= sentNanos.length) {
            return;
        }
        if (arrivedNanos.compareAndSet(index, NOTHING, now)) {
            valueBytes = value.length;
            missing.countDown();
        } else {
            repeated.incrementAndGet();
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            reader.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        consumer.close();
    }
}
