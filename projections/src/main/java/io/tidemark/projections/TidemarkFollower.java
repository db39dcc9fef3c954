package io.tidemark.projections;

import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the tidemarks topic in a thread of its own, from the newest full tidemark on, and remembers recent cuts. */
public final class TidemarkFollower implements TidemarkLog, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TidemarkFollower.class);
    private static final int TRANSACTIONS_KEPT = 20_000;
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final long FIRST_STEP_BACK = 4096;

    private final TopicPartition partition;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;
    private final Deque<Tidemark.Transaction> transactions = new ArrayDeque<>();
    private final RecentCuts cuts = new RecentCuts();
    private volatile boolean closed;
    private volatile @Nullable RuntimeException failure;

    public TidemarkFollower(Map<String, String> client, Topics topics) {
        this.partition = new TopicPartition(topics.tidemarks(), 0);
        this.consumer = new KafkaConsumer<>(consumerConfig(client));
        this.thread = new Thread(this::follow, "tidemark-follower");
    }

    private static Map<String, Object> consumerConfig(Map<String, String> client) {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
        return config;
    }

    /** Reads up to the newest tidemark there is now, then follows in the background. */
    public void start() {
        consumer.assign(List.of(partition));
        long beginning = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        for (long step = FIRST_STEP_BACK; newest().isEmpty(); step *= 4) {
            long from = Math.max(beginning, end - step);
            consumer.seek(partition, from);
            while (consumer.position(partition) < end) {
                consumer.poll(POLL).forEach(this::take);
            }
            if (from == beginning) {
                break;
            }
        }
        thread.setDaemon(true);
        thread.start();
    }

    private void follow() {
        try (consumer) {
            while (!closed) {
                consumer.poll(POLL).forEach(this::take);
            }
        } catch (WakeupException e) {
            LOG.debug("Follower closed");
        } catch (RuntimeException e) {
            failure = e;
            LOG.warn("Tidemarks can no longer be followed: {}", e.toString());
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        Tidemark tidemark = Tidemark.fromJson(Json.parse(record.value()));
        synchronized (this) {
            if (!cuts.add(tidemark, record.timestamp(), steadyMs())) {
                return;
            }
            if (tidemark.unlistedTo() > 0) {
                // Of what ended before it nothing is known.
                transactions.clear();
                transactions.addLast(
                        new Tidemark.Transaction(tidemark.unlistedTo(), 0, tidemark.lsn(), Instant.EPOCH, 0));
            }
            tidemark.transactions().forEach(transactions::addLast);
            while (transactions.size() > TRANSACTIONS_KEPT) {
                transactions.removeFirst();
            }
            notifyAll();
        }
    }

    /** The newest remembered cut at or below a bound of offsets, as {@code passed} tells; empty when none is. */
    public synchronized Optional<Cut> newestWhere(Predicate<Cut> passed) {
        requireFollowing();
        return cuts.newestWhere(passed);
    }

    /**
     * The same, of those at which assemblers meet: about ten a second. A newest cut that nothing follows is one, a tenth
     * of a second later.
     */
    public synchronized Optional<Cut> newestBeatWhere(Predicate<Cut> passed) {
        requireFollowing();
        return cuts.newestBeatWhere(passed, steadyMs());
    }

    private static long steadyMs() {
        return System.nanoTime() / 1_000_000;
    }

    private void requireFollowing() {
        RuntimeException broken = failure;
        if (broken != null) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE, "Tidemarks can no longer be followed: " + broken.getMessage(), broken);
        }
    }

    /**
     * When a tidemark was published, by the clock of Kafka's record: that of the newest remembered one at or below it. Of
     * one older than all that are remembered, the time of the oldest: it was published no later. Empty before the first.
     */
    public synchronized Optional<Instant> publishedAt(TidemarkRef tidemark) {
        return cuts.publishedAt(tidemark);
    }

    /** The oldest remembered cut of a tidemark that fits; empty when none does. */
    public synchronized Optional<Cut> oldestWhere(Predicate<TidemarkRef> fits) {
        return cuts.oldestWhere(fits);
    }

    @Override
    public synchronized Optional<TidemarkRef> newest() {
        return cuts.newest();
    }

    @Override
    public synchronized List<Tidemark.Transaction> newestTransactions(int count) {
        List<Tidemark.Transaction> newestFirst = new ArrayList<>();
        for (var each = transactions.descendingIterator(); each.hasNext() && newestFirst.size() < count; ) {
            newestFirst.add(each.next());
        }
        Collections.reverse(newestFirst);
        return newestFirst;
    }

    /**
     * Waits for the first tidemark.
     *
     * @throws TidemarkException TIMEOUT when none is published in time
     */
    public synchronized TidemarkRef awaitFirst(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (newest().isEmpty()) {
            long leftMs = (deadline - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                throw new TidemarkException(
                        ErrorCode.TIMEOUT,
                        "No tidemark in topic " + partition.topic() + " within " + timeout.toSeconds()
                                + " s. Is capture running?");
            }
            wait(leftMs);
        }
        return newest().orElseThrow();
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        if (!thread.isAlive()) {
            return;
        }
        try {
            thread.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
