package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Percentiles of several goes, in milliseconds; the median of each counts. */
final class Series {

    private final List<Double> p50s = new ArrayList<>();
    private final List<Double> p99s = new ArrayList<>();

    void add(Histogram micros) {
        p50s.add(micros.getValueAtPercentile(50) / 1e3);
        p99s.add(micros.getValueAtPercentile(99) / 1e3);
    }

    double p50() {
        return median(p50s);
    }

    double p99() {
        return median(p99s);
    }

    private static double median(List<Double> values) {
        return Measurement.median(
                values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    String last() {
        int last = p50s.size() - 1;
        return String.format(Locale.ROOT, "p50 %.1f ms, p99 %.1f ms", p50s.get(last), p99s.get(last));
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object().put("p50_ms", p50()).put("p99_ms", p99());
        var each = json.putArray("p99_ms_of_each");
        p99s.forEach(each::add);
        return json;
    }
}
