package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;

/**
 * One contender's run over one backlog, its rows verified.
 *
 * @param rows delivered
 * @param seconds from the first row to the last, the last one durable
 * @param processSeconds from the start of the process to the last row
 * @param cpuSeconds of the process and its children, start-up included
 */
record Run(long rows, double seconds, double processSeconds, double cpuSeconds) {

    double rowsPerSecond() {
        return rows / seconds;
    }

    double cpuSecondsPerMillion() {
        return cpuSeconds * 1_000_000 / rows;
    }

    ObjectNode toJson() {
        return Json.object()
                .put("rows", rows)
                .put("seconds", seconds)
                .put("process_seconds", processSeconds)
                .put("cpu_seconds", cpuSeconds);
    }
}
