package io.tidemark.app.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.capture.CaptureStatus;
import io.tidemark.capture.CaptureStatus.Standing;
import io.tidemark.model.TidemarkRef;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SamplesTest {

    private static CaptureStatus capture(Standing standing, String waitsFor, long commits, long rows, long queued) {
        return new CaptureStatus(
                standing,
                waitsFor,
                commits,
                Duration.ZERO,
                0,
                0,
                rows,
                queued,
                TidemarkRef.NONE,
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void capture_always_has_work_since_its_tidemarks_move_though_nothing_is_written() {
        assertThat(Samples.capture(capture(Standing.READS, "", 5, 0, 0)))
                .isEqualTo(new Sample("capture", 5, true, "the next message of the replication slot"));
        assertThat(Samples.capture(capture(Standing.READS, "", 5, 0, 3)).waitsFor())
                .isEqualTo("Kafka, to commit what was read from the source");
        assertThat(Samples.capture(capture(Standing.WAITS, "The source is away", 5, 0, 0)))
                .isEqualTo(new Sample("capture", 5, true, "The source is away"));
    }

    @Test
    void capture_moves_by_reading_tables() {
        assertThat(Samples.capture(capture(Standing.READS, "", 5, 100, 0)).progress())
                .isNotEqualTo(
                        Samples.capture(capture(Standing.READS, "", 5, 0, 0)).progress());
    }

    @Test
    void a_capture_that_stands_by_has_nothing_to_do() {
        assertThat(Samples.capture(capture(Standing.STANDS_BY, "the slot is being read", 0, 0, 0))
                        .hasWork())
                .isFalse();
    }
}
