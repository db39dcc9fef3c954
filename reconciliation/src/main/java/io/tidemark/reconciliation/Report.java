package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a reconciliation of one read model in one store found.
 *
 * @param tidemark compared at: the snapshot sees every transaction up to its number, and the store had reached its
 *     LSN; {@link TidemarkRef#NONE} when the store did not get there
 * @param part what of the read model it speaks of, for people; empty when of all
 * @param compared documents of the source looked at
 * @param driftCount all that drifted; {@code drift} holds the first of them
 * @param undecidedCount all that could not be decided; {@code undecided} holds the first of them
 * @param reason why something could not be told, for people; empty when everything could
 * @param repair what became of what drifted; null when nothing was to be mended
 */
public record Report(
        String model,
        String store,
        Verdict verdict,
        TidemarkRef tidemark,
        String part,
        long compared,
        long driftCount,
        List<Drift> drift,
        long undecidedCount,
        List<Undecided> undecided,
        String reason,
        @Nullable Repair repair) {

    public Report {
        drift = List.copyOf(drift);
        undecided = List.copyOf(undecided);
    }

    /** Of the whole read model. */
    public Report(
            String model,
            String store,
            Verdict verdict,
            TidemarkRef tidemark,
            long compared,
            long driftCount,
            List<Drift> drift,
            long undecidedCount,
            List<Undecided> undecided,
            String reason,
            @Nullable Repair repair) {
        this(
                model,
                store,
                verdict,
                tidemark,
                "",
                compared,
                driftCount,
                drift,
                undecidedCount,
                undecided,
                reason,
                repair);
    }

    /**
     * This report, with what is known of parked documents: they drift because their store refused them.
     *
     * @param reasons of a document model, by key
     */
    public Report withParked(Map<RowKey, String> reasons) {
        List<Drift> told = drift.stream()
                .map(each -> each.withParked(reasons.get(each.key())))
                .toList();
        return new Report(
                model,
                store,
                verdict,
                tidemark,
                part,
                compared,
                driftCount,
                told,
                undecidedCount,
                undecided,
                reason,
                repair);
    }

    /** This report, with what became of what drifted. */
    Report withRepair(Repair done) {
        return new Report(
                model,
                store,
                verdict,
                tidemark,
                part,
                compared,
                driftCount,
                drift,
                undecidedCount,
                undecided,
                reason,
                done);
    }

    /** Exit code of the command: of what drifted, nothing counts that was mended. */
    public int exitCode() {
        boolean mended = verdict == Verdict.DRIFT && repair != null && repair.complete();
        if (!mended) {
            return verdict.exitCode();
        }
        return (undecidedCount > 0 ? Verdict.COULD_NOT_TELL : Verdict.NO_DRIFT).exitCode();
    }

    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("model", model);
        json.put("store", store);
        json.put("verdict", Names.of(verdict));
        json.put("tidemark", tidemark.toString());
        if (!part.isEmpty()) {
            json.put("part", part);
        }
        json.put("compared", compared);
        json.put("drift_count", driftCount);
        ArrayNode driftJson = json.putArray("drift");
        drift.forEach(each -> driftJson.add(each.toJson()));
        json.put("undecided_count", undecidedCount);
        ArrayNode undecidedJson = json.putArray("undecided");
        undecided.forEach(each -> undecidedJson.add(each.toJson()));
        json.put("reason", reason);
        if (repair != null) {
            json.set("repair", repair.toJson());
        }
        return json;
    }

    /** The report in one line. */
    public String text() {
        String line = model + " in " + store + ": " + verdict.text() + " as of tidemark " + tidemark + ", " + compared
                + " documents compared";
        if (!part.isEmpty()) {
            line += " (" + part + ")";
        }
        if (driftCount > 0) {
            line += ", " + driftCount + " drifted";
        }
        if (repair != null) {
            line += " (" + repair.text() + ")";
        }
        if (undecidedCount > 0) {
            line += ", " + undecidedCount + " undecided";
        }
        return reason.isEmpty() ? line : line + ": " + reason;
    }
}
