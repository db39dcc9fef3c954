package io.tidemark.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.WriteOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.junit.jupiter.api.Test;

class CountsTest {

    @Test
    void metrics_say_what_was_done_and_which_version_is_in_force() {
        try (Metrics metrics = new Metrics()) {
            Counts counts = new Counts();
            counts.show(() -> new PluginMetricsImpl(metrics, Map.of("connector", "c")), () -> 7);
            counts.outcome(WriteOutcome.applied());
            counts.outcome(WriteOutcome.stale());
            counts.outcome(WriteOutcome.stale());
            counts.outcome(new WriteOutcome.ChangedElsewhere(3));
            counts.fenced(true);
            counts.retried();
            counts.applied(new AppliedTidemark(0, new TidemarkRef(9, new Lsn(1))));
            counts.applied(new AppliedTidemark(1, new TidemarkRef(8, new Lsn(1))));
            assertThat(value(metrics, "documents-applied")).isEqualTo(1L);
            assertThat(value(metrics, "documents-stale")).isEqualTo(2L);
            assertThat(value(metrics, "documents-changed-elsewhere")).isEqualTo(1L);
            assertThat(value(metrics, "records-fenced-by-position")).isEqualTo(1L);
            assertThat(value(metrics, "records-fenced-by-offset")).isEqualTo(0L);
            assertThat(value(metrics, "records-refused")).isEqualTo(7L);
            assertThat(value(metrics, "batches-retried")).isEqualTo(1L);
            assertThat(value(metrics, "applied-tidemark")).isEqualTo(8L);
            counts.forgetTidemarks();
            assertThat(value(metrics, "applied-tidemark")).isEqualTo(0L);
        }
    }

    @Test
    void a_worker_that_keeps_no_metrics_of_plugins_is_borne() {
        assertThatCode(() -> new Counts()
                        .show(
                                () -> {
                                    throw new NoSuchMethodError("pluginMetrics");
                                },
                                () -> 0))
                .doesNotThrowAnyException();
    }

    /** A worker starts a task again though it did not end in time, and keeps the metrics of both under one name. */
    @Test
    void metrics_of_a_task_that_has_not_ended_yet_do_not_keep_its_successor_from_starting() {
        try (Metrics metrics = new Metrics()) {
            PluginMetricsImpl former = new PluginMetricsImpl(metrics, Map.of("connector", "c"));
            new Counts().show(() -> former, () -> 7);
            Counts counts = new Counts();
            counts.show(() -> new PluginMetricsImpl(metrics, Map.of("connector", "c")), () -> 8);
            assertThat(value(metrics, "records-refused")).isEqualTo(7L);
            former.close();
            counts.show(() -> new PluginMetricsImpl(metrics, Map.of("connector", "c")), () -> 8);
            assertThat(value(metrics, "records-refused")).isEqualTo(8L);
            counts.show(() -> new PluginMetricsImpl(metrics, Map.of("connector", "c")), () -> 9);
            assertThat(value(metrics, "records-refused")).isEqualTo(8L);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object value(Metrics metrics, String name) {
        return metrics.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals(name))
                .findFirst()
                .orElseThrow()
                .metricValue();
    }
}
