package io.tidemark.projections;

import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * What a model's assembler has done in this process. Counts of processed and emitted records are Kafka Streams' own, which
 * start anew where it starts a thread or a task anew, so they may go back.
 *
 * @param state Kafka Streams' word for it, such as {@code RUNNING}; {@code NOT_RUNNING} before the start
 * @param processed records of change topics and between steps
 * @param restored records of state read back from Kafka
 * @param copied records of other processes' state read by standbys
 * @param emitted records sent to the documents topic: documents, and a marker per partition and tidemark
 */
public record AssemblerStatus(String state, long processed, long restored, long copied, long emitted) {

    static final AssemblerStatus NOT_RUNNING = new AssemblerStatus("NOT_RUNNING", 0, 0, 0, 0);

    static AssemblerStatus of(
            String state, Map<MetricName, ? extends Metric> metrics, RestoredRecords records, String documentsTopic) {
        double processed = 0;
        double emitted = 0;
        for (Metric metric : metrics.values()) {
            MetricName name = metric.metricName();
            if (is(name, "stream-thread-metrics", "process-total")) {
                processed += value(metric);
            } else if (is(name, "stream-topic-metrics", "records-produced-total")
                    && documentsTopic.equals(name.tags().get("topic"))) {
                emitted += value(metric);
            }
        }
        return new AssemblerStatus(state, (long) processed, records.restored(), records.copied(), (long) emitted);
    }

    private static boolean is(MetricName name, String group, String text) {
        return name.name().equals(text) && name.group().equals(group);
    }

    private static double value(Metric metric) {
        return metric.metricValue() instanceof Number number ? number.doubleValue() : 0;
    }

    /** Whether it works on its input, or is there to: not while it is given partitions, and restores their state. */
    public boolean isRunning() {
        return state.equals("RUNNING");
    }
}
