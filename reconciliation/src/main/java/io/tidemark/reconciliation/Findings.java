package io.tidemark.reconciliation;

import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.reconciliation.Judgement.Sighting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one run has found so far: everything counted, a bounded part kept. */
final class Findings {

    private final ComparedModel model;
    private final String store;
    private final int maxKept;
    private final List<Drift> drift = new ArrayList<>();
    private final List<Undecided> undecided = new ArrayList<>();
    private final Map<ComparedCollection, Map<RowKey, Sighting>> inFlight = new LinkedHashMap<>();
    private int inFlightRoom;
    private TidemarkRef tidemark = TidemarkRef.NONE;
    private long compared;
    private int nowhere;
    private long driftCount;
    private long undecidedCount;
    private String reason = "";

    Findings(ComparedModel model, String store, ReconcileLimits limits) {
        this.model = model;
        this.store = store;
        this.maxKept = limits.maxKept();
        this.inFlightRoom = limits.maxInFlight();
    }

    void comparedAt(TidemarkRef at) {
        tidemark = at;
    }

    long addCompared(long documents) {
        compared += documents;
        return compared;
    }

    /** So many of the keys asked for are on neither side. */
    void addNowhere(int keys) {
        nowhere += keys;
    }

    long compared() {
        return compared;
    }

    void addDrift(Drift found) {
        driftCount++;
        if (drift.size() < maxKept) {
            drift.add(found);
        }
    }

    void addInFlight(ComparedCollection collection, RowKey key, Sighting sighting) {
        if (inFlightRoom == 0) {
            undecided(collection, key, "too many documents were in flight to check them all again");
            return;
        }
        inFlightRoom--;
        inFlight.computeIfAbsent(collection, any -> new LinkedHashMap<>()).put(key, sighting);
    }

    boolean anyInFlight() {
        return !inFlight.isEmpty();
    }

    /** Hands over everything in flight, which is not in flight any more unless it is added again. */
    Map<ComparedCollection, Map<RowKey, Sighting>> takeInFlight() {
        Map<ComparedCollection, Map<RowKey, Sighting>> taken = new LinkedHashMap<>(inFlight);
        inFlight.clear();
        taken.values().forEach(keys -> inFlightRoom += keys.size());
        return taken;
    }

    /** Gives up what is still in flight. */
    void undecidedFor(String why) {
        takeInFlight().forEach((collection, keys) -> keys.keySet().forEach(key -> undecided(collection, key, why)));
    }

    /** Nothing was compared. */
    Report notCompared(String why) {
        return report(Verdict.COULD_NOT_TELL, why);
    }

    Report report() {
        if (driftCount > 0) {
            return report(Verdict.DRIFT, reason);
        }
        return report(undecidedCount > 0 ? Verdict.COULD_NOT_TELL : Verdict.NO_DRIFT, reason);
    }

    private void undecided(ComparedCollection collection, RowKey key, String why) {
        undecidedCount++;
        reason = why;
        if (undecided.size() < maxKept) {
            undecided.add(new Undecided(collection.name(), key));
        }
    }

    private Report report(Verdict verdict, String why) {
        return new Report(
                model.name(),
                store,
                verdict,
                tidemark,
                part(),
                compared,
                driftCount,
                drift,
                undecidedCount,
                undecided,
                why,
                null);
    }

    private String part() {
        String part = model.scope().text();
        return nowhere == 0
                ? part
                : part + ", of which " + nowhere + (nowhere == 1 ? " is" : " are") + " on neither side";
    }
}
