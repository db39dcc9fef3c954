package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** All measurements of one go, with what they are worth little without: when, on what, how often. */
record Report(Instant at, int pairs, double scale, List<Measurement> measurements) {

    Report {
        measurements = List.copyOf(measurements);
    }

    List<String> lines() {
        return measurements.stream().map(Measurement::line).toList();
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("at", at.truncatedTo(ChronoUnit.SECONDS).toString())
                .put("pairs", pairs)
                .put("scale", scale);
        json.putObject("machine")
                .put("processors", Runtime.getRuntime().availableProcessors())
                .put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"))
                .put("architecture", System.getProperty("os.arch"))
                .put("java", Runtime.version().toString());
        var all = json.putArray("measurements");
        measurements.forEach(each -> all.add(each.toJson()));
        return json;
    }
}
