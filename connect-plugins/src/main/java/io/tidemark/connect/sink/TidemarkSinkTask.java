package io.tidemark.connect.sink;

import io.tidemark.connect.PluginVersion;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.GracePeriod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
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
    /** A little less than stores do, so that a task finds out before its writer refuses. */
    private static final Duration DELETES_REMEMBERED = Duration.ofMinutes(50);

    private final Map<TopicRoute, TopicDelivery> deliveries = new LinkedHashMap<>();
    private final Counts counts = new Counts();
    private final Function<Map<String, Object>, Brokers> kafka;
    private @Nullable Session session;
    private final GracePeriod presence;
    private final LongSupplier nanos;
    private int attempts;
    /** It was away for long, cannot ask where its group is, and was not given its partitions anew yet. */
    private boolean wasAway;
    /** It was away since it was given its partitions: topics that it meets first now are begun where its group is. */
    private boolean isLate;

    /** What a started task works with. */
    private record Session(
            SinkSettings settings,
            TargetStore store,
            Optional<Brokers> brokers,
            Optional<Descriptions> topics,
            Refusals refusals) {}

    /** Reaches Kafka, where it is told how. */
    protected TidemarkSinkTask() {
        this(KafkaTopics::new, new GracePeriod(), System::nanoTime);
    }

    /**
     * @param kafka gives the brokers for properties of clients
     * @param nanos tells when to ask again whether a topic is the same
     * @param presence how long its partitions count as its own after it was given something of them
     */
    TidemarkSinkTask(Function<Map<String, Object>, Brokers> kafka, GracePeriod presence, LongSupplier nanos) {
        this.kafka = kafka;
        this.presence = presence;
        this.nanos = nanos;
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
            Optional<Descriptions> topics = brokers.map(some -> new Descriptions(some, nanos));
            session = new Session(settings, store(config), brokers, topics, refusals);
            showCounts(refusals);
            presence.begin(DELETES_REMEMBERED);
        } catch (TidemarkException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    private void showCounts(Refusals refusals) {
        // A reference to the method would be resolved here, where an older worker has none.
        counts.show(() -> context.pluginMetrics(), refusals::count);
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
        session().topics().ifPresent(topics -> topics.assigned(context.assignment()));
        counts.forgetTidemarks();
        session().refusals().settled();
        showCounts(session().refusals());
        attempts = 0;
        wasAway = false;
        isLate = false;
        presence.confirm();
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        deliveries.values().forEach(TopicDelivery::assigned);
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        confirm(!records.isEmpty());
        try {
            if (wasAway && !records.isEmpty()) {
                throw new RetriableException("The task stood still for long, and without " + SinkKeys.BOOTSTRAP
                        + " it cannot know whether its partitions are its own: it writes nothing before it is given them"
                        + " anew. Restart the task");
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
            if (e.code() == ErrorCode.FENCED) {
                away();
            } else if (e.code() != ErrorCode.UNREACHABLE) {
                throw new ConnectException(e.getMessage(), e);
            }
            retry(e);
        }
    }

    /**
     * Its partitions are its own when something was just read of them, and something else not long before. A batch that is
     * given again proves nothing, and neither does an empty one: that is what a worker gives, too, when no broker answers.
     * Who cannot ask brokers must be content with that.
     */
    private void confirm(boolean given) {
        if (attempts > 0) {
            return;
        }
        if (presence.isOver()) {
            away();
        }
        if (!wasAway && (given || session().brokers().isEmpty())) {
            presence.confirm();
            deliveries.values().forEach(TopicDelivery::confirmed);
        }
    }

    /** Whoever comes back after a long absence may have lost its partitions, and not know it yet. */
    private void away() {
        if (session().brokers().isEmpty()) {
            wasAway = true;
        } else {
            isLate = true;
            session().topics().ifPresent(Descriptions::outdated);
            deliveries.values().forEach(TopicDelivery::away);
        }
    }

    private void deliver(TopicRoute route, List<SinkRecord> records) {
        TopicDelivery delivery = deliveries.get(route);
        if (delivery == null) {
            delivery = delivery(route);
            if (isLate) {
                delivery.away();
            }
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

    private TopicDelivery delivery(TopicRoute route) {
        Session now = session();
        return new DeliverySetup(now.settings(), now.store(), now.brokers(), now.refusals(), counts, now.topics())
                .delivery(route);
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
            Map<TopicPartition, OffsetAndMetadata> written = new HashMap<>(delivered);
            deliveries.values().forEach(delivery -> written.keySet().removeAll(delivery.soughtAgain()));
            return written;
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
