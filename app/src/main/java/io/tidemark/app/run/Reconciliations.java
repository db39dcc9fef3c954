package io.tidemark.app.run;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.projections.ParkedDocument;
import io.tidemark.reconciliation.Progress;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Reconciler;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reconciles the read models of a plan, each in each of its stores that holds its documents. */
public final class Reconciliations {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciliations.class);

    private final Plan plan;
    private final StoreAccess stores;
    private final Reconciler reconciler;

    public Reconciliations(Plan plan, StoreAccess stores, TidemarkLog tidemarks, ReconcileLimits limits) {
        this.plan = plan;
        this.stores = stores;
        this.reconciler = new Reconciler(plan.source(), tidemarks, limits);
    }

    /** Compares these models, one after the other; where something does not answer, nothing can be told. */
    public List<Report> run(List<ReadModel> models, Progress progress) {
        List<Report> reports = new ArrayList<>();
        for (ReadModel model : models) {
            for (Target target : plan.comparedTargets(model)) {
                reports.add(run(model, target, progress));
            }
        }
        return reports;
    }

    private Report run(ReadModel model, Target target, Progress progress) {
        try (DocumentReader reader = stores.reader(model, target)) {
            Report report = reconciler.reconcile(plan.compared(model), target.store(), reader, progress);
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
                    String.valueOf(e.getMessage()));
        }
    }

    /** Drift stays drift when Kafka does not say what is parked. */
    private Report withParked(Report report, ReadModel model) {
        try {
            return report.withParked(stores.parkedNow(model).getOrDefault(report.store(), List.of()).stream()
                    .collect(Collectors.toMap(each -> each.id().key(), ParkedDocument::reason)));
        } catch (TidemarkException e) {
            LOG.warn("Whether what drifted is parked is not known: {}", e.getMessage());
            return report;
        }
    }

    /** Drift anywhere outweighs what could not be told. */
    public static int exitCode(List<Report> reports) {
        if (reports.stream().anyMatch(report -> report.verdict() == Verdict.DRIFT)) {
            return Verdict.DRIFT.exitCode();
        }
        return reports.stream()
                .map(Report::verdict)
                .filter(verdict -> verdict != Verdict.NO_DRIFT)
                .findFirst()
                .map(Verdict::exitCode)
                .orElse(0);
    }
}
