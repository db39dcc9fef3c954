package io.tidemark.app.run;

import io.tidemark.capture.CaptureRecovery;
import io.tidemark.capture.CapturedRows;
import io.tidemark.capture.CapturedState;
import io.tidemark.capture.Loss;
import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.projections.TidemarkFollower;
import io.tidemark.reconciliation.ComparedModel;
import io.tidemark.reconciliation.Progress;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Reconciler;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Compares the change topics themselves with the source's tables: as if they were one more mirror. Drift here is of capture;
 * drift of a read model alone is of what made it from the topics.
 */
public final class TopicReconciliation {

    /** What the report calls what it compares. */
    private static final String MODEL = "topics";

    private static final String STORE = "kafka";

    private final Plan plan;
    private final TidemarkFollower tidemarks;
    private final ReconcileLimits limits;

    public TopicReconciliation(Plan plan, TidemarkFollower tidemarks, ReconcileLimits limits) {
        this.plan = plan;
        this.tidemarks = tidemarks;
        this.limits = limits;
    }

    /**
     * The captured tables of these names; all of none.
     *
     * @throws TidemarkException USAGE when one is not captured
     */
    public static List<Relation> tables(Plan plan, List<String> names) {
        Map<String, Relation> captured = plan.relations().stream()
                .collect(Collectors.toMap(relation -> relation.table().toString(), Function.identity()));
        for (String name : names) {
            if (!captured.containsKey(name)) {
                throw new TidemarkException(
                        ErrorCode.USAGE,
                        "Table '" + name + "' is not captured; captured are "
                                + plan.capture().tables());
            }
        }
        return names.isEmpty()
                ? plan.relations()
                : names.stream().distinct().map(captured::get).toList();
    }

    /** Compares the topics of these tables under one snapshot of the source. */
    public Report run(List<Relation> tables, Progress progress) {
        requireCaptured();
        Optional<Loss> loss = new CaptureRecovery(plan.capture()).loss();
        if (loss.isPresent()) {
            return couldNotTell(loss.get().what() + " 'tidemark recover --dry-run' compares topics after a loss");
        }
        List<TableId> uncovered = tables.stream()
                .map(Relation::table)
                .filter(table -> !covered(table))
                .toList();
        if (!uncovered.isEmpty()) {
            return couldNotTell("no tidemark covers " + uncovered
                    + " yet: they are being read, or capture was started without them");
        }
        try (CapturedRows rows = new CapturedRows(plan.kafkaClient(), plan.topics(), tables, this::newest)) {
            return new Reconciler(plan.source(), tidemarks, limits).reconcile(compared(tables), STORE, rows, progress);
        }
    }

    private void requireCaptured() {
        if (CapturedState.read(plan.kafkaClient(), plan.topics()).isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Nothing was captured under prefix '" + plan.topics().prefix()
                            + "' yet; start 'tidemark run' first");
        }
    }

    private boolean covered(TableId table) {
        return newest().filter(cut -> cut.offsets().containsKey(plan.topics().changes(table)))
                .isPresent();
    }

    private Optional<Cut> newest() {
        return tidemarks.newestWhere(any -> true);
    }

    private static ComparedModel compared(List<Relation> tables) {
        Map<TableId, Relation> byTable =
                tables.stream().collect(Collectors.toMap(Relation::table, Function.identity()));
        MirrorModel rows = new MirrorModel(MODEL, List.copyOf(byTable.keySet()));
        return ComparedModel.of(
                rows, table -> Optional.ofNullable(byTable.get(table)).orElseThrow());
    }

    private static Report couldNotTell(String reason) {
        return new Report(
                MODEL, STORE, Verdict.COULD_NOT_TELL, TidemarkRef.NONE, 0, 0, List.of(), 0, List.of(), reason, null);
    }
}
