package io.tidemark.reconciliation;

import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.DocumentReader;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares read models with the source they were made from, under load, one after the other. */
public final class Reconciler {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    private final SourceSettings source;
    private final TidemarkLog log;
    private final ReconcileLimits limits;
    private final Standstill standstill = new Standstill();

    public Reconciler(SourceSettings source, TidemarkLog log, ReconcileLimits limits) {
        this.source = source;
        this.log = log;
        this.limits = limits;
    }

    /**
     * Compares one generation of a read model, as one store holds it. While it runs, the tables can neither be
     * truncated nor altered; everything else goes on.
     *
     * @param store the store's name, for the report
     * @param reader of that generation; left open
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when the source does not answer or refuses the
     *     credentials; FAILED when it refuses a query, for lack of a privilege, table or column; what the reader throws
     */
    public Report reconcile(ComparedModel model, String store, DocumentReader reader, Progress progress) {
        Report report = new Comparison(source, log, limits, model, store, reader, progress, standstill).run();
        LOG.info("Reconciled {}", report.text());
        return report;
    }

    /**
     * Compares as {@link #reconcile}, then mends what drifted: it is written as the source has it, where the store holds
     * nothing newer, and looked at again. Where more drifted than can be remembered, the rest is left for the next run.
     *
     * @param mender of the same generation; left open
     * @param parked documents the store refuses, which are left alone
     * @return with what became of what drifted, unless nothing did
     */
    public Report repair(
            ComparedModel model,
            String store,
            DocumentReader reader,
            DocumentMender mender,
            Predicate<RowKey> parked,
            Progress progress) {
        Comparison comparison = new Comparison(source, log, limits, model, store, reader, progress, standstill);
        Report found = comparison.run();
        LOG.info("Reconciled {}", found.text());
        if (found.driftCount() == 0) {
            return found;
        }
        Repair repair =
                new Repairing(source, log, limits, model, reader, mender, parked, standstill).run(comparison.drifted());
        LOG.info("Repaired {} in {}: {}", model.name(), store, repair.text());
        return found.withRepair(repair);
    }
}
