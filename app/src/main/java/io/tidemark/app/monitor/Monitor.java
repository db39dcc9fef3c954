package io.tidemark.app.monitor;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.app.run.PipelineObserver;
import io.tidemark.app.run.Reconciled;
import io.tidemark.capture.CaptureRunner;
import io.tidemark.capture.CaptureStatus;
import io.tidemark.capture.CaptureStatus.Standing;
import io.tidemark.capture.SlotGuard;
import io.tidemark.capture.SlotStatus;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.TransactionalWriter;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.DocumentProjection;
import io.tidemark.projections.MirrorProjection;
import io.tidemark.projections.TidemarkFollower;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Metrics and health of a running command, whose parts are shown to it as they start. */
public final class Monitor implements PipelineObserver, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final int LOOKS_BEFORE_STOPPED = 4;
    private static final String MODEL = "model";
    private static final String STORE = "store";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final Duration lookEvery;
    private final HealthJudge judge;
    private final List<Part> parts = new CopyOnWriteArrayList<>();

    /** What comparisons with the source found last. */
    private final Map<Place, Compared> reconciled = new ConcurrentHashMap<>();

    /** In the order of their starts; one may end in any thread. */
    private final Map<Place, Written> writers = Collections.synchronizedMap(new LinkedHashMap<>());

    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "tidemark-health");
        thread.setDaemon(true);
        return thread;
    });
    private volatile @Nullable TidemarkFollower tidemarks;

    /** What is looked at, and of which model; empty for capture. */
    private record Part(String model, Supplier<Sample> look) {}

    private record Compared(Instant ended, Reconciled found) {}

    private record Written(WatchedWriter writer, AppliedTidemarks applied) {}

    /**
     * Prepares it.
     *
     * @param unhealthyAfter a part that has work and has not moved for this long is unhealthy
     */
    public Monitor(Duration unhealthyAfter) {
        judge = new HealthJudge(unhealthyAfter);
        Duration often = unhealthyAfter.dividedBy(LOOKS_BEFORE_STOPPED);
        lookEvery = often.compareTo(LOOK_EVERY) < 0 ? often : LOOK_EVERY;
    }

    /** Begins to look after health. */
    public void start() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        // lookAgain() never throws, so this future never ends by itself.
        var unused = looking.scheduleWithFixedDelay(this::lookAgain, 0, lookEvery.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void lookAgain() {
        try {
            health();
        } catch (RuntimeException e) {
            LOG.warn("A part does not say how it is: {}", e.toString());
        }
    }

    /** Looks at every part. */
    public Health health() {
        return judge.look(parts.stream().map(part -> part.look().get()).toList(), System.nanoTime());
    }

    /** All metrics in Prometheus' text format. */
    public String metrics() {
        return registry.scrape();
    }

    /** The slot, which its guard looks at. */
    public void slot(SlotGuard guard) {
        slotGauge("retained", guard, SlotStatus::retainedBytes, "WAL the slot keeps on the source's disk");
        slotGauge("unconfirmed", guard, SlotStatus::unconfirmedBytes, "WAL written since capture last confirmed");
    }

    private void slotGauge(String name, SlotGuard guard, ToDoubleFunction<SlotStatus> bytes, String description) {
        gauge("slot." + name, "bytes", Tags.empty(), description, () -> guard.latest()
                .map(bytes::applyAsDouble)
                .orElse(Double.NaN));
    }

    @Override
    public void capture(CaptureRunner capture) {
        counter("capture.transactions", capture, CaptureStatus::transactions, "Source transactions committed to Kafka");
        counter("capture.changes", capture, CaptureStatus::changes, "Changes of those transactions");
        counter(
                "capture.snapshot.rows",
                capture,
                CaptureStatus::snapshotRows,
                "Rows read from tables and sent to Kafka");
        FunctionTimer.builder(
                        "tidemark.capture.commit",
                        capture,
                        each -> each.status().commits(),
                        each -> each.status().commitTime().toNanos(),
                        TimeUnit.NANOSECONDS)
                .description("Kafka transactions, from the last record sent to the answer that they are committed")
                .register(registry);
        captureGauge("queue", "events", capture, CaptureStatus::queued, "Replication events not handled yet");
        captureGauge(
                "reads.slot",
                null,
                capture,
                status -> status.standing() == Standing.READS ? 1 : 0,
                "1 while the slot is this capture's own");
        captureGauge(
                "tidemark.number",
                null,
                capture,
                status -> status.tidemarkAt().isPresent() ? status.tidemark().number() : Double.NaN,
                "Number of the newest tidemark published");
        captureGauge(
                "tidemark.age",
                "seconds",
                capture,
                status -> age(status.tidemarkAt()),
                "Time since the newest tidemark was published");
        captureGauge(
                "last.commit.timestamp",
                "seconds",
                capture,
                status -> status.lastCommit().map(Monitor::seconds).orElse(Double.NaN),
                "Newest commit time captured, in seconds since 1970");
        parts.add(new Part("", () -> Samples.capture(capture.status())));
    }

    private void counter(
            String name, CaptureRunner capture, ToDoubleFunction<CaptureStatus> count, String description) {
        FunctionCounter.builder("tidemark." + name, capture, each -> count.applyAsDouble(each.status()))
                .description(description)
                .register(registry);
    }

    private void captureGauge(
            String name,
            @Nullable String unit,
            CaptureRunner capture,
            ToDoubleFunction<CaptureStatus> value,
            String description) {
        gauge("capture." + name, unit, Tags.empty(), description, () -> value.applyAsDouble(capture.status()));
    }

    @Override
    public void tidemarks(TidemarkFollower follower) {
        tidemarks = follower;
    }

    @Override
    public DocumentWriter writer(Place place, DocumentWriter writer, AppliedTidemarks applied) {
        Tags tags = tags(place);
        WatchedWriter watched = new WatchedWriter(writer, applied, registry, tags);
        watch(place, watched, applied, tags);
        return watched;
    }

    @Override
    public TransactionalWriter mirrorWriter(Place place, TransactionalWriter writer, AppliedTidemarks applied) {
        Tags tags = tags(place);
        var watched = new WatchedTransactionalWriter(writer, applied, registry, tags);
        watch(place, watched, applied, tags);
        return watched;
    }

    private static Tags tags(Place place) {
        return Tags.of(MODEL, place.model(), STORE, place.store());
    }

    private void watch(Place place, WatchedWriter watched, AppliedTidemarks applied, Tags tags) {
        writers.put(place, new Written(watched, applied));
        gauge("writer.tidemark.number", null, tags, "Number of the applied tidemark", () -> applied.minimum()
                .map(each -> (double) each.number())
                .orElse(Double.NaN));
        gauge(
                "writer.tidemark.age",
                "seconds",
                tags,
                "Time since the applied tidemark was published",
                () -> age(applied.minimum().flatMap(this::publishedAt)));
    }

    @Override
    public void documents(String model, DocumentProjection projection) {
        Map<Place, Written> written = writersOf(model);
        List<WatchedWriter> ours =
                written.values().stream().map(Written::writer).toList();
        AssemblerWatch assembler = new AssemblerWatch(model, projection::assembler, ours);
        Tags tags = Tags.of(MODEL, model);
        assemblerCounter("processed", assembler, AssemblerWatch::processed, tags, "Records processed, of all steps");
        assemblerCounter(
                "emitted",
                assembler,
                AssemblerWatch::emitted,
                tags,
                "Records sent to the documents topic, markers too");
        gauge(
                "assembler.running",
                null,
                tags,
                "1 while Kafka Streams is running, 0 while it starts or restores",
                () -> assembler.isRunning() ? 1 : 0);
        gauge(
                "assembler.tidemark.age",
                "seconds",
                tags,
                "Time since the tidemark was published up to which documents were read from their topic",
                () -> age(assembler.assembled().flatMap(this::publishedAt)));
        parts.add(new Part(model, () -> assembler.sample(newest())));
        written.forEach(
                (place, each) -> parts.add(new Part(model, () -> Samples.documentWriter(place, each.writer()))));
    }

    private Map<Place, Written> writersOf(String model) {
        Map<Place, Written> ours = new LinkedHashMap<>();
        synchronized (writers) {
            writers.forEach((place, written) -> {
                if (place.model().equals(model)) {
                    ours.put(place, written);
                }
            });
        }
        return ours;
    }

    private void assemblerCounter(
            String name,
            AssemblerWatch assembler,
            ToDoubleFunction<AssemblerWatch> count,
            Tags tags,
            String description) {
        FunctionCounter.builder("tidemark.assembler." + name, assembler, count)
                .description(description)
                .baseUnit("records")
                .tags(tags)
                .register(registry);
    }

    @Override
    public void mirror(Place place, MirrorProjection projection) {
        Written written = Objects.requireNonNull(writers.get(place));
        FunctionCounter.builder("tidemark.mirror.read", projection, MirrorProjection::recordsRead)
                .description("Records read from the change topics")
                .baseUnit("records")
                .tags(MODEL, place.model(), STORE, place.store())
                .register(registry);
        parts.add(new Part(
                place.model(),
                () -> Samples.mirror(
                        place,
                        written.writer(),
                        projection.recordsRead(),
                        written.applied().minimum(),
                        newest())));
    }

    @Override
    public void ended(String model) {
        parts.removeIf(part -> part.model().equals(model));
        writers.keySet().removeIf(place -> place.model().equals(model));
        registry.getMeters().stream()
                .filter(meter -> model.equals(meter.getId().getTag(MODEL)))
                // What is compared is whichever generation is live.
                .filter(meter -> !isOfReconciliation(meter))
                .forEach(registry::remove);
    }

    @Override
    public void unwritten(String model, String why) {
        Sample stopped = new Sample("writers of " + model, 0, true, "a definition that can be written: " + why);
        parts.add(new Part(model, () -> stopped));
    }

    @Override
    public void reconciled(String model, Instant ended, List<Reconciled> found) {
        Set<String> stores = found.stream().map(Reconciled::store).collect(Collectors.toSet());
        forget(model, store -> !stores.contains(store));
        for (Reconciled each : found) {
            Place place = new Place(model, each.store());
            if (reconciled.put(place, new Compared(ended, each)) == null) {
                show(place);
            }
        }
    }

    @Override
    public void reconciledElsewhere(String model) {
        forget(model, store -> true);
    }

    private void forget(String model, Predicate<String> stores) {
        registry.getMeters().stream()
                .filter(meter -> isOfReconciliation(meter)
                        && model.equals(meter.getId().getTag(MODEL))
                        && stores.test(String.valueOf(meter.getId().getTag(STORE))))
                .forEach(registry::remove);
        reconciled.keySet().removeIf(place -> place.model().equals(model) && stores.test(place.store()));
    }

    private static boolean isOfReconciliation(Meter meter) {
        return meter.getId().getName().startsWith("tidemark.reconcile.");
    }

    private void show(Place place) {
        Tags tags = tags(place);
        gauge(
                "reconcile.told",
                null,
                tags,
                "1 when the last comparison with the source could tell whether there is drift",
                () -> found(place, last -> last.found().told() ? 1 : 0));
        gauge(
                "reconcile.drift",
                "documents",
                tags,
                "Documents that drifted and were not mended, by the last comparison; NaN when it could not tell",
                () -> found(place, last -> last.found().told() ? last.found().drift() : Double.NaN));
        gauge(
                "reconcile.last.timestamp",
                "seconds",
                tags,
                "When the last comparison ended, in seconds since 1970",
                () -> found(place, last -> seconds(last.ended())));
    }

    private double found(Place place, ToDoubleFunction<Compared> what) {
        Compared last = reconciled.get(place);
        return last == null ? Double.NaN : what.applyAsDouble(last);
    }

    private void gauge(String name, @Nullable String unit, Tags tags, String description, DoubleSupplier value) {
        Gauge.builder("tidemark." + name, value, DoubleSupplier::getAsDouble)
                .strongReference(true)
                .description(description)
                .baseUnit(unit)
                .tags(tags)
                .register(registry);
    }

    private Optional<TidemarkRef> newest() {
        TidemarkFollower follower = tidemarks;
        return follower == null ? Optional.empty() : follower.newest();
    }

    private Optional<Instant> publishedAt(TidemarkRef tidemark) {
        TidemarkFollower follower = tidemarks;
        return follower == null ? Optional.empty() : follower.publishedAt(tidemark);
    }

    /** In seconds; not a number when there is none. */
    private static double age(Optional<Instant> time) {
        return time.map(each -> Math.max(0, seconds(Instant.now()) - seconds(each)))
                .orElse(Double.NaN);
    }

    private static double seconds(Instant time) {
        return time.toEpochMilli() / 1e3;
    }

    @Override
    public void close() {
        looking.shutdownNow();
        garbageCollection.close();
        registry.close();
    }
}
