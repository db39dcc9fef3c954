package io.tidemark.connect.sink;

import io.tidemark.connect.PluginVersion;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.jspecify.annotations.Nullable;

/**
 * A task of a sink: what it was given when {@link #put} returns is durable in the store. All its work is done in the
 * worker's thread; it has none of its own.
 */
public abstract class TidemarkSinkTask extends SinkTask {

    private static final long LONGEST_PAUSE_MS = 10_000;
    /** Stores remember deletes for an hour, and a writer trusts for half of that what it was told last. */
    private static final long SHORT_ABSENCE_NANOS = TimeUnit.MINUTES.toNanos(25);

    private final Map<TopicRoute, TopicDelivery> deliveries = new LinkedHashMap<>();
    private final Counts counts = new Counts();
    private final Function<Map<String, Object>, Brokers> kafka;
    private @Nullable Session session;
    private int attempts;
    private long lastTurnNanos;
    /** It was away for long, and was not given its partitions anew yet. */
    private boolean wasAway;

    /** What a started task works with. */
    private record Session(SinkSettings settings, TargetStore store, Optional<Brokers> brokers, Refusals refusals) {}

    /** Reaches Kafka, where it is told how. */
    protected TidemarkSinkTask() {
        this(KafkaTopics::new);
    }

    /** @param kafka gives the brokers for properties of clients */
    TidemarkSinkTask(Function<Map<String, Object>, Brokers> kafka) {
        this.kafka = kafka;
    }

    /** Reads the configuration: how, and into what, is written. */
    protected abstract AbstractConfig parse(Map<String, String> properties);

    /** The store the configuration names. */
    protected abstract TargetStore store(AbstractConfig config);

    @Override
    public String version() {
        return PluginVersion.get();
    }

    @Override
    public void start(Map<String, String> properties) {
        try {
            AbstractConfig config = parse(properties);
            SinkSettings settings = SinkSettings.of(config);
            Refusals refusals = new Refusals(settings.onMalformed(), deadLetters());
            Optional<Brokers> brokers =
                    settings.kafka().isEmpty() ? Optional.empty() : Optional.of(kafka.apply(settings.kafka()));
            session = new Session(settings, store(config), brokers, refusals);
            // A reference to the method would be resolved here, where an older worker has none.
            counts.show(() -> context.pluginMetrics(), refusals::count);
            lastTurnNanos = System.nanoTime();
        } catch (TidemarkException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    private @Nullable ErrantRecordReporter deadLetters() {
        try {
            return context.errantRecordReporter();
        } catch (LinkageError olderWorker) {
            return null;
        }
    }

    @Override
    public void open(Collection<TopicPartition> partitions) {
        deliveries.values().forEach(TopicDelivery::assigned);
        counts.forgetTidemarks();
        session().refusals().settled();
        attempts = 0;
        wasAway = false;
        lastTurnNanos = System.nanoTime();
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        deliveries.values().forEach(TopicDelivery::assigned);
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        confirm();
        try {
            if (wasAway && !records.isEmpty()) {
                throw new RetriableException(
                        "The task stood still for long: it writes nothing before it is given its" + " partitions anew");
            }
            Map<TopicRoute, List<SinkRecord>> byRoute = new LinkedHashMap<>();
            records.forEach(record -> byRoute.computeIfAbsent(TopicRoute.of(record), any -> new ArrayList<>())
                    .add(record));
            byRoute.forEach(this::deliver);
            session().refusals().settled();
            attempts = 0;
        } catch (RetriableException e) {
            retry(e);
        } catch (TidemarkException e) {
            // Fenced, it is given its partitions anew while it waits.
            if (e.code() != ErrorCode.UNREACHABLE && e.code() != ErrorCode.FENCED) {
                throw new ConnectException(e.getMessage(), e);
            }
            retry(e);
        }
    }

    /** Whoever comes back after a long absence may have lost its partitions, and not know it yet. */
    private void confirm() {
        long now = System.nanoTime();
        wasAway |= now - lastTurnNanos > SHORT_ABSENCE_NANOS;
        lastTurnNanos = now;
        if (!wasAway) {
            deliveries.values().forEach(TopicDelivery::confirmed);
        }
    }

    private void deliver(TopicRoute route, List<SinkRecord> records) {
        TopicDelivery delivery = deliveries.get(route);
        if (delivery == null) {
            delivery = delivery(route, records);
            deliveries.put(route, delivery);
        }
        try {
            Map<TopicPartition, Long> again = delivery.begin(assigned(route), records);
            if (again.isEmpty()) {
                delivery.deliver(records);
            } else {
                context.offset(again);
            }
        } catch (TidemarkException e) {
            if (e.code() != ErrorCode.DATA_LOSS) {
                throw e;
            }
            delivery.lost(e);
            throw new RetriableException(e.getMessage(), e);
        }
    }

    private TopicDelivery delivery(TopicRoute route, List<SinkRecord> records) {
        Session now = session();
        return new DeliverySetup(now.settings(), now.store(), now.brokers(), now.refusals(), counts)
                .delivery(route, records);
    }

    private Set<TopicPartition> assigned(TopicRoute route) {
        return context.assignment().stream()
                .filter(partition -> partition.topic().equals(route.original()))
                .collect(Collectors.toSet());
    }

    private void retry(RuntimeException cause) {
        SinkSettings settings = session().settings();
        attempts++;
        if (attempts > settings.maxRetries()) {
            throw new ConnectException(
                    "Given up after " + settings.maxRetries() + " retries (" + SinkKeys.MAX_RETRIES + "): "
                            + cause.getMessage(),
                    cause);
        }
        counts.retried();
        context.timeout(pauseMs(settings.backoffMs(), attempts));
        throw new RetriableException(cause.getMessage(), cause);
    }

    private static long pauseMs(long first, int attempt) {
        return Math.min(LONGEST_PAUSE_MS, first << Math.min(attempt - 1, 20));
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> delivered) {
        if (session().settings().input() == Input.RECORDS) {
            return delivered;
        }
        Map<TopicPartition, OffsetAndMetadata> durable = new HashMap<>();
        deliveries.values().forEach(delivery -> durable.putAll(delivery.durable(delivered)));
        return durable;
    }

    private Session session() {
        Session now = session;
        if (now == null) {
            throw new IllegalStateException("start() comes first");
        }
        return now;
    }

    @Override
    public void stop() {
        deliveries.values().forEach(TopicDelivery::close);
        deliveries.clear();
    }
}
