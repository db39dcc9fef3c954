package io.tidemark.capture.internal.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.capture.Finding;
import io.tidemark.capture.Finding.Severity;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClockExaminerTest {

    @ParameterizedTest
    @CsvSource({
        "900, 10, OK, ahead of",
        "-900, 10, OK, behind",
        "1100, 10, WARNING, ahead of",
        "-5000, 10, WARNING, behind",
        "1100, 400, OK, ahead of",
    })
    void a_clock_is_off_when_more_than_a_second_is_sure(long aheadMs, long roundTripMs, Severity severity, String how) {
        Finding finding = ClockExaminer.judge(
                new ClockExaminer.Reading(Duration.ofMillis(aheadMs), Duration.ofMillis(roundTripMs)));
        assertThat(finding.severity()).isEqualTo(severity);
        assertThat(finding.what()).contains(Math.abs(aheadMs) + " ms " + how);
    }
}
