package io.tidemark.app.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReconcileConfig;
import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.capture.CaptureRecovery;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.reconciliation.Progress;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Report;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares read models with the source again and again, as the file asks for, one after the other. Of several processes that
 * write a model one does it, and how long ago it was done is in the topic of earlier runs, so that a restart changes nothing.
 */
final class ReconcileSchedule implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReconcileSchedule.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    /** A comparison that could not tell is made again after this long, unless it is due before. */
    private static final Duration TRY_AGAIN = Duration.ofMinutes(10);
    /** And after this many times as long as it took: what can never be told does not keep the source busy. */
    private static final int PAUSES = 10;
    /** What began later than so long from now was begun by a wrong clock. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    private final Plan file;
    private final ReconcileConfig config;
    private final String lineage;
    private final TidemarkLog tidemarks;
    private final RunningGenerations running;
    private final PipelineObserver observer;
    private final RunHistory history;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "tidemark-reconcile");
    private final Map<String, Last> last = new HashMap<>();
    /** Models of which the last comparison was shown to the observer. */
    private final Set<String> shown = new HashSet<>();

    private List<ReadModel> models = List.of();

    /**
     * The last comparison of a model that is known of.
     *
     * @param generation that was compared
     * @param found by store
     */
    private record Last(Instant began, Instant ended, int generation, Map<String, Reconciled> found) {

        static Last of(Instant began, Instant ended, int generation, List<Reconciled> found) {
            Map<String, Reconciled> byStore = new TreeMap<>();
            found.forEach(each -> byStore.put(each.store(), each));
            return new Last(began, ended, generation, byStore);
        }

        boolean told() {
            return found.values().stream().allMatch(Reconciled::told);
        }

        /** The later one; stores of the same one together. */
        Last and(Last other) {
            if (!began.equals(other.began) || generation != other.generation) {
                return began.isAfter(other.began) ? this : other;
            }
            Map<String, Reconciled> both = new TreeMap<>(found);
            both.putAll(other.found);
            return new Last(began, ended, generation, both);
        }

        Instant next(Duration every) {
            Instant regular = began.plus(every);
            Duration took = Duration.between(began, ended).multipliedBy(PAUSES);
            Instant again = ended.plus(took.compareTo(TRY_AGAIN) > 0 ? took : TRY_AGAIN);
            return told() || regular.isBefore(again) ? regular : again;
        }
    }

    /**
     * Prepares it.
     *
     * @param running says whether it is this process that compares a model, and which generation readers are given
     * @param observer shown what is found
     */
    ReconcileSchedule(
            Plan file,
            ReconcileConfig config,
            String lineage,
            TidemarkLog tidemarks,
            RunningGenerations running,
            PipelineObserver observer) {
        this.file = file;
        this.config = config;
        this.lineage = lineage;
        this.tidemarks = tidemarks;
        this.running = running;
        this.observer = observer;
        this.history = new RunHistory(file);
        thread.setDaemon(true);
    }

    void start(List<ReadModel> some) {
        models = some.stream()
                .filter(model -> !file.comparedTargets(model).isEmpty())
                .toList();
        thread.start();
    }

    private void run() {
        try {
            while (!closing.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                models.forEach(this::look);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever one look dies of, memory that is at its end included, the next one is made, and nobody is told of no drift. */
    private void look(ReadModel model) {
        try {
            lookAt(model.name());
        } catch (RuntimeException | Error e) {
            if (closing.getCount() > 0) {
                LoggedFailure.warn(LOG, model.name() + " could not be compared with the source", e);
                Instant now = Instant.now();
                found(
                        model.name(),
                        now,
                        running.live(model.name()),
                        untold(model.name(), String.valueOf(e.getMessage())));
            }
        }
    }

    private void lookAt(String model) {
        if (closing.getCount() == 0) {
            return;
        }
        Last known = last.get(model);
        boolean first = running.writesFirst(model);
        if (!first || (known != null && known.generation() != running.live(model))) {
            forget(model);
        }
        if (first && running.hasFilled(model) && (isDue(model) || !shown.contains(model))) {
            history.runsSince(Instant.now().minus(config.every()), this::remember);
            if (isDue(model)) {
                compare(model);
            } else {
                show(model);
            }
        }
    }

    private void forget(String model) {
        if (shown.remove(model)) {
            observer.reconciledElsewhere(model);
        }
    }

    private boolean isDue(String model) {
        Last known = last.get(model);
        return known == null
                || isOfWrongClock(known.began())
                || known.generation() != running.live(model)
                || !known.next(config.every()).isAfter(Instant.now());
    }

    private static boolean isOfWrongClock(Instant began) {
        return began.isAfter(Instant.now().plus(CLOCKS_DIFFER));
    }

    /** A run over a part of a read model, asked for by command, is none of these. */
    private void remember(ObjectNode run) {
        Instant began = Instant.parse(run.required("began").textValue());
        if (!run.has("part") && !isOfWrongClock(began)) {
            last.merge(
                    run.required("model").textValue(),
                    Last.of(
                            began,
                            Instant.parse(run.required("ended").textValue()),
                            run.path("generation").asInt(1),
                            List.of(Reconciled.of(run))),
                    Last::and);
        }
    }

    private void compare(String model) {
        Instant began = Instant.now();
        int generation = running.live(model);
        List<Report> reports;
        try {
            // Read anew: tables may have changed since this process began, and another generation may be live.
            Plan live = GenerationPlans.live(file.config());
            generation = live.build(live.model(model)).number();
            reports = reports(live, live.model(model));
        } catch (TidemarkException e) {
            reports = untold(model, String.valueOf(e.getMessage()));
        }
        if (closing.getCount() > 0) {
            found(model, began, generation, reports);
        }
    }

    private List<Report> reports(Plan live, ReadModel model) {
        new CaptureRecovery(live.capture()).requireSameSource();
        Reconciliations reconciliations =
                new Reconciliations(live, new StoreAccess(live, lineage), tidemarks, ReconcileLimits.defaults());
        List<ReadModel> one = List.of(model);
        List<Report> told =
                config.repairs() ? reconciliations.repair(one, Progress.NONE) : reconciliations.run(one, Progress.NONE);
        return unserved(live, one, told).in(told);
    }

    /** Where it cannot be asked whether readers have what was compared, what drifted is known all the same. */
    private static UnservedStores unserved(Plan live, List<ReadModel> models, List<Report> told) {
        try {
            return UnservedStores.of(live, models);
        } catch (TidemarkException e) {
            return new UnservedStores(told.stream()
                    .collect(Collectors.toMap(
                            report -> new Place(report.model(), report.store()),
                            report -> String.valueOf(e.getMessage()))));
        }
    }

    private List<Report> untold(String model, String why) {
        return file.comparedTargets(file.model(model)).stream()
                .map(target -> UnservedStores.untold(model, target.store(), why))
                .toList();
    }

    /** Told first: the topic of runs may not answer. */
    private void found(String model, Instant began, int generation, List<Report> reports) {
        Instant ended = Instant.now();
        last.put(
                model,
                Last.of(
                        began,
                        ended,
                        generation,
                        reports.stream().map(Reconciled::of).toList()));
        show(model);
        reports.stream()
                .filter(report -> report.exitCode() != 0)
                .forEach(report -> LOG.warn("Reconciled {}", report.text()));
        history.add(began, ended, reports, Map.of(model, generation));
    }

    private void show(String model) {
        Last known = Objects.requireNonNull(last.get(model));
        shown.add(model);
        observer.reconciled(model, known.ended(), List.copyOf(known.found().values()));
    }

    @Override
    public void close() {
        closing.countDown();
        thread.interrupt();
        try {
            // A comparison that waits for a database is left to the end of the process.
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
