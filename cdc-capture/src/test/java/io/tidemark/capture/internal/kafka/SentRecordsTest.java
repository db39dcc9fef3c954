package io.tidemark.capture.internal.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class SentRecordsTest {

    private final SentRecords records = new SentRecords(new TopicPartition("t", 0));

    @Test
    void complete_transactions_end_before_what_the_open_one_has_sent() {
        assertThat(records.sent()).isTrue();
        assertThat(records.sent()).isFalse();
        records.endOfTransaction();
        assertThat(records.sent()).isTrue();
        acknowledge(7, 8, 11);

        assertThat(records.endOfComplete()).isEqualTo(9);
        assertThat(records.end()).isEqualTo(12);
        assertThat(records.unacknowledged()).isZero();
    }

    @Test
    void what_is_committed_counts_no_more() {
        records.sent();
        acknowledge(7);
        records.committed();

        assertThat(records.isUntouched()).isTrue();
        assertThat(records.end()).isZero();
        assertThat(records.endOfComplete()).isZero();
    }

    @Test
    void an_offset_that_does_not_grow_is_noticed_also_after_a_commit() {
        records.sent();
        assertThat(records.acknowledged(7)).isNegative();
        records.committed();
        records.sent();

        assertThat(records.acknowledged(7)).isEqualTo(7);
    }

    @Test
    void any_number_of_records_is_kept_apart() {
        for (int i = 0; i < 1_000; i++) {
            records.sent();
            acknowledge(2L * i);
        }

        assertThat(records.end()).isEqualTo(1_999);
        assertThat(records.unacknowledged()).isZero();
        records.sent();
        assertThat(records.unacknowledged()).isEqualTo(1);
    }

    private void acknowledge(long... offsets) {
        for (long offset : offsets) {
            long unused = records.acknowledged(offset);
        }
    }
}
