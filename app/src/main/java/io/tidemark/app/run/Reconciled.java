package io.tidemark.app.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.reconciliation.Repair;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import java.util.Locale;

/**
 * What a comparison of a read model with the source found in one store.
 *
 * @param told whether it could tell
 * @param drift documents that drifted and were not mended
 */
public record Reconciled(String store, boolean told, long drift) {

    private static final String COULD_NOT_TELL = Verdict.COULD_NOT_TELL.name().toLowerCase(Locale.ROOT);

    static Reconciled of(Report report) {
        Repair repair = report.repair();
        return new Reconciled(
                report.store(),
                report.verdict() != Verdict.COULD_NOT_TELL,
                repair == null ? report.driftCount() : repair.leftCount() + repair.parked());
    }

    /** @param run of {@link RunHistory} */
    static Reconciled of(ObjectNode run) {
        boolean mended = run.has("repair");
        return new Reconciled(
                run.required("store").textValue(),
                !run.required("verdict").textValue().equals(COULD_NOT_TELL),
                mended
                        ? run.at("/repair/left_count").longValue()
                                + run.at("/repair/parked").longValue()
                        : run.required("drift_count").longValue());
    }
}
