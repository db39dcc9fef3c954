package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;

/**
 * What was measured for one target.
 *
 * @param name what of, against what
 * @param unit {@code x} for a ratio, where more is better; everything else is better when less
 * @param bound what keeps it from being better
 * @param details the runs it was made from
 */
record Measurement(String name, double value, String unit, double target, String bound, ObjectNode details) {

    /** Of a ratio that is only told. */
    static final double NO_TARGET = 0;

    /** Tidemark's speed as a multiple of a peer's: the median over the pairs. */
    static Measurement ratio(
            String name, Map<String, List<Run>> runs, String ours, String peer, double target, String bound) {
        return of(name, runs, ours, peer, "x", target, bound, (our, their) -> their.seconds() / our.seconds());
    }

    /** Time of whole processes as a multiple of a peer's: the median over the pairs. */
    static Measurement cost(
            String name, Map<String, List<Run>> runs, String ours, String peer, double target, String bound) {
        return of(
                name,
                runs,
                ours,
                peer,
                "",
                target,
                bound,
                (our, their) -> our.processSeconds() / their.processSeconds());
    }

    private static Measurement of(
            String name,
            Map<String, List<Run>> runs,
            String ours,
            String peer,
            String unit,
            double target,
            String bound,
            ToDoubleBiFunction<Run, Run> ratio) {
        List<Run> our = runs.getOrDefault(ours, List.of());
        List<Run> their = runs.getOrDefault(peer, List.of());
        double[] ratios = new double[our.size()];
        for (int pair = 0; pair < ratios.length; pair++) {
            ratios[pair] = ratio.applyAsDouble(our.get(pair), their.get(pair));
        }
        ObjectNode details = Json.object();
        details.set(ours, runs(our));
        details.set(peer, runs(their));
        String cpu = String.format(
                Locale.ROOT,
                "%s; CPU s per million %.1f, theirs %.1f",
                bound,
                median(our, Run::cpuSecondsPerMillion),
                median(their, Run::cpuSecondsPerMillion));
        return new Measurement(name, median(ratios), unit, target, cpu, details);
    }

    private static ObjectNode runs(List<Run> runs) {
        ObjectNode json = Json.object()
                .put("rows_per_second", median(runs, Run::rowsPerSecond))
                .put("cpu_seconds_per_million", median(runs, Run::cpuSecondsPerMillion))
                .put("process_seconds", median(runs, Run::processSeconds));
        var each = json.putArray("runs");
        runs.forEach(run -> each.add(run.toJson()));
        return json;
    }

    static double medianSeconds(List<Run> runs) {
        return median(runs, Run::seconds);
    }

    private static double median(List<Run> runs, ToDoubleFunction<Run> of) {
        return median(runs.stream().mapToDouble(of).toArray());
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    boolean met() {
        return unit.equals("x") ? value >= target : value <= target;
    }

    String line() {
        String wanted = (unit.equals("x") ? ">= " : "<= ") + String.format(Locale.ROOT, "%.2f", target);
        boolean none = target == NO_TARGET;
        return String.format(
                Locale.ROOT,
                "%-66s %9.2f %-3s %9s  %-7s  %s",
                name,
                value,
                unit,
                none ? "" : wanted,
                none ? "" : met() ? "met" : "NOT MET",
                bound);
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("name", name)
                .put("value", value)
                .put("unit", unit)
                .put("target", target)
                .put("met", met())
                .put("bound", bound);
        json.set("details", details);
        return json;
    }
}
