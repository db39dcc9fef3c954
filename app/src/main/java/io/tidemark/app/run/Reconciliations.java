package io.tidemark.app.run;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.projections.ParkedDocument;
import io.tidemark.reconciliation.ComparedModel;
import io.tidemark.reconciliation.Progress;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Reconciler;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Scope;
import io.tidemark.reconciliation.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reconciles the read models of a plan, each in each of its stores that holds its documents. */
public final class Reconciliations {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciliations.class);

    private final Plan plan;
    private final StoreAccess stores;
    private final Reconciler reconciler;
    private final UnaryOperator<ComparedModel> part;

    /** Of read models as a whole. */
    public Reconciliations(Plan plan, StoreAccess stores, TidemarkLog tidemarks, ReconcileLimits limits) {
        this(plan, stores, tidemarks, limits, UnaryOperator.identity());
    }

    /** Of a part of each. */
    public Reconciliations(
            Plan plan,
            StoreAccess stores,
            TidemarkLog tidemarks,
            ReconcileLimits limits,
            UnaryOperator<ComparedModel> part) {
        this.plan = plan;
        this.stores = stores;
        this.reconciler = new Reconciler(plan.source(), tidemarks, limits);
        this.part = part;
    }

    /**
     * Of each read model what changed since some time, as the topics of a plan have it; each is asked once.
     *
     * @throws TidemarkException USAGE when topics have forgotten deletes of that time
     */
    public static UnaryOperator<ComparedModel> changedSince(Plan plan, Instant time) {
        Duration kept = plan.config().kafka().history();
        if (time.isBefore(Instant.now().minus(kept))) {
            throw new TidemarkException(
                    ErrorCode.USAGE,
                    "--since " + time + " is further back than topics keep deletes (kafka.history, " + kept
                            + "): compare everything, without it");
        }
        ChangedKeys changed = new ChangedKeys(plan.kafkaClient(), plan.topics(), time);
        Map<String, Scope> known = new HashMap<>();
        return whole -> whole.within(known.computeIfAbsent(
                whole.name(), name -> Scope.Keys.changedSince(time, changed.of(plan.model(name)))));
    }

    /** One model in one of its stores. */
    private interface Work {
        Report on(ReadModel model, Target target, DocumentReader reader, Progress progress);
    }

    /** Compares these models, one after the other; where something does not answer, nothing can be told. */
    public List<Report> run(List<ReadModel> models, Progress progress) {
        return each(models, this::compare, progress);
    }

    /** Compares as {@link #run}, and mends what drifted. */
    public List<Report> repair(List<ReadModel> models, Progress progress) {
        return each(models, this::repair, progress);
    }

    private List<Report> each(List<ReadModel> models, Work work, Progress progress) {
        List<Report> reports = new ArrayList<>();
        for (ReadModel model : models) {
            for (Target target : plan.comparedTargets(model)) {
                reports.add(one(model, target, work, progress));
            }
        }
        return reports;
    }

    private Report compare(ReadModel model, Target target, DocumentReader reader, Progress progress) {
        return reconciler.reconcile(part.apply(plan.compared(model)), target.store(), reader, progress);
    }

    private Report repair(ReadModel model, Target target, DocumentReader reader, Progress progress) {
        Map<RowKey, String> parked = parked(model, target.store());
        try (DocumentMender mender = stores.mender(model, target)) {
            return reconciler.repair(
                    part.apply(plan.compared(model)), target.store(), reader, mender, parked::containsKey, progress);
        }
    }

    private Report one(ReadModel model, Target target, Work work, Progress progress) {
        try (DocumentReader reader = stores.reader(model, target)) {
            Report report = work.on(model, target, reader, progress);
            return report.drift().isEmpty() ? report : withParked(report, model);
        } catch (TidemarkException e) {
            if (e.code() != ErrorCode.UNREACHABLE) {
                throw e;
            }
            return new Report(
                    model.name(),
                    target.store(),
                    Verdict.COULD_NOT_TELL,
                    TidemarkRef.NONE,
                    0,
                    0,
                    List.of(),
                    0,
                    List.of(),
                    String.valueOf(e.getMessage()),
                    null);
        }
    }

    /** Drift stays drift when Kafka does not say what is parked. */
    private Report withParked(Report report, ReadModel model) {
        try {
            return report.withParked(parked(model, report.store()));
        } catch (TidemarkException e) {
            LOG.warn("Whether what drifted is parked is not known: {}", e.getMessage());
            return report;
        }
    }

    private Map<RowKey, String> parked(ReadModel model, String store) {
        return stores.parkedNow(model).getOrDefault(store, List.of()).stream()
                .collect(Collectors.toMap(each -> each.id().key(), ParkedDocument::reason));
    }

    /** Drift anywhere outweighs what could not be told. */
    public static int exitCode(List<Report> reports) {
        List<Integer> codes = reports.stream().map(Report::exitCode).toList();
        return codes.contains(Verdict.DRIFT.exitCode())
                ? Verdict.DRIFT.exitCode()
                : codes.stream().max(Integer::compare).orElse(0);
    }
}
