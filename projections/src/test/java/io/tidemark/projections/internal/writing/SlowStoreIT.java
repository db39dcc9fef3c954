package io.tidemark.projections.internal.writing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.AppliedTidemarks;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.junit.jupiter.api.Test;

/** A store ten times slower than the source: lag grows, memory does not, and it drains. */
class SlowStoreIT {

    private static final int SECONDS = Integer.getInteger("tidemark.slow.seconds", 10);
    private static final int DOCUMENTS_PER_SECOND = 5_000;
    private static final int BODY_CHARS = 4_000;
    private static final int KEYS = 20_000;
    private static final long MB = 1 << 20;

    /** What the consumer may have fetched, a batch on its way, and what a collector leaves. */
    private static final long HEAP_MAY_GROW = 100 * MB;

    /** Takes a tenth of what the source sends, until it is let go. */
    private static final class SlowWriter implements DocumentWriter {

        private final Map<RowKey, Long> held = new ConcurrentHashMap<>();
        private volatile long nanosPerDocument = Duration.ofSeconds(1).toNanos() * 10 / DOCUMENTS_PER_SECOND;

        @Override
        public void open() {}

        @Override
        public List<AppliedTidemark> claims() {
            return List.of();
        }

        @Override
        public void forget(Set<Integer> partitions) {}

        @Override
        public void rejoin() {}

        @Override
        public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
            for (Document document : batch) {
                long until = System.nanoTime() + nanosPerDocument;
                while (System.nanoTime() < until) {
                    LockSupport.parkNanos(until - System.nanoTime());
                }
                held.put(document.key(), document.version().position());
            }
            return batch.stream().map(document -> WriteOutcome.applied()).toList();
        }

        @Override
        public void close() {}
    }

    /** Sends at its rate, whatever becomes of it. */
    private static final class Source {

        private final List<String> bodies;
        private final DocumentsTopic topic;
        private final Map<RowKey, Long> newest = new HashMap<>();
        private long sent;

        Source(DocumentsTopic topic, int bodyChars) {
            this.topic = topic;
            this.bodies = new SplittableRandom(1)
                    .ints(16)
                    .mapToObj(number ->
                            "{\"text\":\"" + Integer.toHexString(number).repeat(bodyChars / 8) + "\"}")
                    .toList();
        }

        /** A second's documents and their tidemark, in a second or more. */
        void sendFor(int second) {
            long until = System.nanoTime() + Duration.ofSeconds(1).toNanos();
            for (int i = 0; i < DOCUMENTS_PER_SECOND; i++) {
                long id = sent % KEYS;
                topic.send(id, second, bodies.get((int) (sent % bodies.size())));
                newest.put(DocumentsTopic.key(id), (long) second);
                sent++;
            }
            topic.mark(second);
            while (System.nanoTime() < until) {
                LockSupport.parkNanos(until - System.nanoTime());
            }
        }
    }

    private static long heapInUse() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    @Test
    void lag_grows_and_memory_does_not_and_it_drains() throws Exception {
        SlowWriter writer = new SlowWriter();
        AppliedTidemarks applied = new AppliedTidemarks(1, tidemark -> {});
        try (DocumentsTopic topic = new DocumentsTopic();
                DocumentDelivery delivery = new DocumentDelivery(
                        "test",
                        "search",
                        "orders",
                        topic.name(),
                        topic.inGroup(),
                        writer,
                        applied,
                        topic.parked(),
                        0)) {
            Source source = new Source(topic, BODY_CHARS);
            source.sendFor(1);
            delivery.start();
            await().until(() -> !writer.held.isEmpty());
            long lag = source.sent - delivery.recordsRead();
            long heap = heapInUse();
            for (int second = 2; second <= SECONDS; second++) {
                source.sendFor(second);
            }

            assertThat(source.sent - delivery.recordsRead())
                    .as("lag, %s at first", lag)
                    .isGreaterThan(lag + DOCUMENTS_PER_SECOND);
            assertThat(source.sent * BODY_CHARS).as("what is waiting, in bytes").isGreaterThan(HEAP_MAY_GROW);
            assertThat(heapInUse() - heap).as("what the heap has grown by").isLessThan(HEAP_MAY_GROW);

            writer.nanosPerDocument = 0;
            await().atMost(Duration.ofMinutes(1)).until(() -> applied.minimum()
                    .map(TidemarkRef::number)
                    .filter(number -> number == SECONDS)
                    .isPresent());
            assertThat(writer.held).isEqualTo(source.newest);
        }
    }

    /** Its first batch takes longer than the group waits; it would be sent again and again. */
    @Test
    void a_store_slower_than_its_group_is_patient_gets_its_batches_in_portions() throws Exception {
        SlowWriter writer = new SlowWriter();
        AppliedTidemarks applied = new AppliedTidemarks(1, tidemark -> {});
        try (DocumentsTopic topic = new DocumentsTopic()) {
            Source source = new Source(topic, 8);
            source.sendFor(1);
            Map<String, Object> config = new HashMap<>(topic.inGroup());
            config.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, 3_000);
            try (DocumentDelivery delivery = new DocumentDelivery(
                    "test", "search", "orders", topic.name(), config, writer, applied, topic.parked(), 0)) {
                delivery.start();
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> applied.minimum().isPresent() && topic.placeOfGroup() > DOCUMENTS_PER_SECOND);
            }
            assertThat(writer.held).isEqualTo(source.newest);
        }
    }
}
