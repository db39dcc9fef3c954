package io.tidemark.app.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.run.Reconciliations;
import io.tidemark.model.Json;
import io.tidemark.reconciliation.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the demo did and found.
 *
 * @param rows of the source at the start
 * @param fillSeconds from the start of capture until every read model had all of them
 * @param committed transactions of the traffic
 * @param urls to look at, by what they show
 */
public record DemoResult(
        long rows,
        double fillSeconds,
        long committed,
        List<PlaceResult> places,
        List<Report> reports,
        Map<String, String> urls,
        double seconds) {

    /**
     * A read model in a store.
     *
     * @param latencies of the commits made when it was filled
     */
    public record PlaceResult(String model, String store, Latencies latencies) {}

    public int exitCode() {
        return Reconciliations.exitCode(reports);
    }

    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("rows", rows);
        json.put("fill_seconds", rounded(fillSeconds));
        json.put("fill_rows_per_second", Math.round(rows / fillSeconds));
        json.put("transactions", committed);
        ArrayNode models = json.putArray("read_models");
        for (int i = 0; i < places.size(); i++) {
            PlaceResult place = places.get(i);
            ObjectNode model = models.addObject();
            model.put("model", place.model()).put("store", place.store());
            model.put("commits_measured", place.latencies().count());
            model.put("commit_to_visible_p50_ms", rounded(place.latencies().millis(50)));
            model.put("commit_to_visible_p99_ms", rounded(place.latencies().millis(99)));
            model.set("reconciliation", reports.get(i).toJson());
        }
        json.put("drift", reports.stream().mapToLong(Report::driftCount).sum());
        json.put("exit_code", exitCode());
        json.put("seconds", rounded(seconds));
        ObjectNode urlsJson = json.putObject("urls");
        urls.forEach(urlsJson::put);
        return json;
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }

    /** A short table, then the addresses. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%,d rows captured and projected in %.1f s (%,d rows/s), then %,d transactions.",
                rows,
                fillSeconds,
                Math.round(rows / fillSeconds),
                committed));
        lines.add("");
        lines.add(String.format(
                "%-14s %-12s %12s %10s %10s %10s", "read model", "store", "documents", "p50", "p99", "drift"));
        for (int i = 0; i < places.size(); i++) {
            PlaceResult place = places.get(i);
            Report report = reports.get(i);
            lines.add(String.format(
                    Locale.ROOT,
                    "%-14s %-12s %,12d %7.0f ms %7.0f ms %10s",
                    place.model(),
                    place.store(),
                    report.compared(),
                    place.latencies().millis(50),
                    place.latencies().millis(99),
                    report.undecidedCount() > 0 ? "?" : Long.toString(report.driftCount())));
        }
        lines.add("p50, p99: from a commit's return until its read token is fresh (Elasticsearch: for reads by id).");
        lines.add("");
        urls.forEach((what, url) -> lines.add(String.format("%-14s %s", what, url)));
        return lines;
    }
}
