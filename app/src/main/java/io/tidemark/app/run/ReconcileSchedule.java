package io.tidemark.app.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReconcileConfig;
import io.tidemark.capture.CaptureRecovery;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.reconciliation.Progress;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
    /** What began later than so long from now was begun by a wrong clock. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    private static final String COULD_NOT_TELL = Verdict.COULD_NOT_TELL.name().toLowerCase(Locale.ROOT);

    private final Plan file;
    private final ReconcileConfig config;
    private final String lineage;
    private final TidemarkLog tidemarks;
    private final Predicate<String> ours;
    private final PipelineObserver observer;
    private final RunHistory history;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "tidemark-reconcile");
    private final Map<String, Last> last = new HashMap<>();
    /** Models that this process has compared last. */
    private final Set<String> compared = new HashSet<>();

    private List<ReadModel> models = List.of();

    /** The last comparison of a model that is known of, and whether it could tell in each store. */
    private record Last(Instant began, boolean told) {

        Last and(Last other) {
            if (began.equals(other.began)) {
                return new Last(began, told && other.told);
            }
            return began.isAfter(other.began) ? this : other;
        }
    }

    /**
     * Prepares it.
     *
     * @param ours whether it is this process that compares a model
     * @param observer shown what is found
     */
    ReconcileSchedule(
            Plan file,
            ReconcileConfig config,
            String lineage,
            TidemarkLog tidemarks,
            Predicate<String> ours,
            PipelineObserver observer) {
        this.file = file;
        this.config = config;
        this.lineage = lineage;
        this.tidemarks = tidemarks;
        this.ours = ours;
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

    private void look(ReadModel model) {
        if (closing.getCount() == 0) {
            return;
        }
        if (!ours.test(model.name())) {
            if (compared.remove(model.name())) {
                observer.reconciledElsewhere(model.name());
            }
        } else if (isDue(model.name())) {
            compareUnlessSomebodyDid(model);
        }
    }

    private boolean isDue(String model) {
        Last known = last.get(model);
        if (known == null || isOfWrongClock(known.began())) {
            return true;
        }
        Duration pause = known.told() || config.every().compareTo(TRY_AGAIN) < 0 ? config.every() : TRY_AGAIN;
        return !known.began().plus(pause).isAfter(Instant.now());
    }

    private static boolean isOfWrongClock(Instant began) {
        return began.isAfter(Instant.now().plus(CLOCKS_DIFFER));
    }

    private void compareUnlessSomebodyDid(ReadModel model) {
        try {
            history.runsSince(Instant.now().minus(config.every()), this::remember);
            if (isDue(model.name())) {
                compare(model);
            }
        } catch (RuntimeException e) {
            last.put(model.name(), new Last(Instant.now(), false));
            if (closing.getCount() > 0) {
                LOG.warn("{} could not be compared with the source", model.name(), e);
            }
        }
    }

    /** A run over a part of a read model, asked for by command, is none of these. */
    private void remember(ObjectNode run) {
        Instant began = Instant.parse(run.required("began").textValue());
        if (!run.has("part") && !isOfWrongClock(began)) {
            boolean told = !run.required("verdict").textValue().equals(COULD_NOT_TELL);
            last.merge(run.required("model").textValue(), new Last(began, told), Last::and);
        }
    }

    private void compare(ReadModel model) {
        Instant began = Instant.now();
        List<Report> reports = compared(model);
        if (closing.getCount() == 0) {
            return;
        }
        history.add(began, Instant.now(), reports);
        boolean told = reports.stream().noneMatch(report -> report.verdict() == Verdict.COULD_NOT_TELL);
        last.put(model.name(), new Last(began, told));
        compared.add(model.name());
        for (Report report : reports) {
            observer.reconciled(report);
            if (report.exitCode() != 0) {
                LOG.warn("Reconciled {}", report.text());
            }
        }
    }

    /** What cannot be compared is not known to be right, whatever was found before. */
    private List<Report> compared(ReadModel model) {
        try {
            Plan live = GenerationPlans.live(file);
            List<ReadModel> one = List.of(live.model(model.name()));
            new CaptureRecovery(live.capture()).requireSameSource();
            Reconciliations reconciliations =
                    new Reconciliations(live, new StoreAccess(live, lineage), tidemarks, ReconcileLimits.defaults());
            List<Report> told = config.repairs()
                    ? reconciliations.repair(one, Progress.NONE)
                    : reconciliations.run(one, Progress.NONE);
            return UnservedStores.of(live, one).in(told);
        } catch (TidemarkException e) {
            return file.comparedTargets(model).stream()
                    .map(target -> UnservedStores.untold(model.name(), target.store(), String.valueOf(e.getMessage())))
                    .toList();
        }
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
