package io.tidemark.reconciliation;

import io.tidemark.model.TidemarkLog;
import io.tidemark.model.store.DocumentReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares read models with the source they were made from, under load. */
public final class Reconciler {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    private final SourceSettings source;
    private final TidemarkLog log;
    private final ReconcileLimits limits;

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
        Report report = new Comparison(source, log, limits, model, store, reader, progress).run();
        LOG.info("Reconciled {}", report.text());
        return report;
    }
}
