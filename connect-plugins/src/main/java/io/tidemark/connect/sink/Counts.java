package io.tidemark.connect.sink;

import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.WriteOutcome;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a task has done so far, and its metrics where the worker keeps such (Kafka 4.1 and newer). */
final class Counts {

    private static final Logger LOG = LoggerFactory.getLogger(Counts.class);

    private final LongAdder applied = new LongAdder();
    private final LongAdder stale = new LongAdder();
    private final LongAdder changedElsewhere = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder byPosition = new LongAdder();
    private final LongAdder byOffset = new LongAdder();
    private final Map<Integer, Long> tidemarks = new ConcurrentHashMap<>();
    private boolean shown;

    /**
     * Shows them as metrics of the plugin, if they are not shown yet. A task that did not end in time has their names still;
     * its successor can be asked again later.
     */
    void show(Supplier<PluginMetrics> worker, LongSupplier refused) {
        if (shown) {
            return;
        }
        try {
            PluginMetrics metrics = worker.get();
            show(metrics, "documents-applied", "Documents written or deleted", applied::sum);
            show(metrics, "documents-stale", "Documents the store had as new or newer", stale::sum);
            show(
                    metrics,
                    "documents-changed-elsewhere",
                    "Documents somebody else changed in the store",
                    changedElsewhere::sum);
            show(metrics, "records-fenced-by-position", "Records with a position of Tidemark's", byPosition::sum);
            show(metrics, "records-fenced-by-offset", "Records whose offset is their version", byOffset::sum);
            show(metrics, "records-refused", "Records that were not written", refused);
            show(metrics, "batches-retried", "Batches given again since the store could not take them", retries::sum);
            show(
                    metrics,
                    "applied-tidemark",
                    "Number of the applied tidemark, the lowest of the task's partitions; 0 before the first",
                    this::lowestTidemark);
            shown = true;
        } catch (IllegalArgumentException theirs) {
            LOG.info("Metrics are not shown yet: {}", theirs.getMessage());
        } catch (LinkageError olderWorker) {
            LOG.info("This worker keeps no metrics of plugins: {}", olderWorker.toString());
        }
    }

    private static void show(PluginMetrics metrics, String name, String what, LongSupplier value) {
        metrics.addMetric(metrics.metricName(name, what, new LinkedHashMap<>()), (Gauge<Long>)
                (config, now) -> value.getAsLong());
    }

    void outcome(WriteOutcome outcome) {
        if (outcome instanceof WriteOutcome.Applied) {
            applied.increment();
        } else if (outcome instanceof WriteOutcome.Stale) {
            stale.increment();
        } else if (outcome instanceof WriteOutcome.ChangedElsewhere) {
            changedElsewhere.increment();
        }
    }

    /** A record was read that asks for a write. */
    void fenced(boolean hasPosition) {
        (hasPosition ? byPosition : byOffset).increment();
    }

    void retried() {
        retries.increment();
    }

    void applied(AppliedTidemark claim) {
        tidemarks.put(claim.partition(), claim.tidemark().number());
    }

    /** The task's partitions are others now. */
    void forgetTidemarks() {
        tidemarks.clear();
    }

    private long lowestTidemark() {
        return tidemarks.values().stream().mapToLong(Long::longValue).min().orElse(0);
    }
}
