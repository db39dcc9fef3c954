package io.tidemark.capture.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.capture.SlotBudget;
import io.tidemark.capture.SlotStatus;
import io.tidemark.model.Lsn;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SlotAlarmTest {

    private static final SlotBudget BUDGET = new SlotBudget(1000, 5000);

    private final SlotAlarm alarm = new SlotAlarm(BUDGET);

    private static SlotStatus slot(long retained) {
        return slot(retained, "reserved", 10);
    }

    private static SlotStatus slot(long retained, String status, long rate) {
        return new SlotStatus(
                "s",
                true,
                true,
                retained,
                0,
                status,
                OptionalLong.of(600),
                Optional.empty(),
                status.equals("lost") ? "wal_removed" : "",
                Lsn.ZERO,
                rate);
    }

    @Test
    void each_bound_is_said_once_when_it_is_crossed() {
        assertThat(alarm.next(slot(999))).isEmpty();
        assertThat(alarm.next(slot(1000)).orElseThrow()).contains("more than source.retained-wal.warn");
        assertThat(alarm.next(slot(4999))).isEmpty();
        assertThat(alarm.next(slot(5000)).orElseThrow()).contains("more than source.retained-wal.limit");
        assertThat(alarm.next(slot(9000))).isEmpty();
    }

    @Test
    void the_way_back_is_said_once_when_it_is_clearly_below() {
        alarm.next(slot(6000));
        assertThat(alarm.next(slot(4600))).isEmpty();
        assertThat(alarm.next(slot(4400)).orElseThrow()).contains("more than source.retained-wal.warn");
        assertThat(alarm.next(slot(950))).isEmpty();
        assertThat(alarm.next(slot(1010))).isEmpty();
        assertThat(alarm.next(slot(800)).orElseThrow()).contains("below source.retained-wal.warn");
        assertThat(alarm.next(slot(800))).isEmpty();
    }

    @Test
    void a_slot_that_was_given_up_is_said_whatever_it_holds() {
        assertThat(alarm.next(slot(0, "lost", 10)).orElseThrow()).contains("given up", "wal_removed");
        assertThat(alarm.next(slot(0, "lost", 10))).isEmpty();
    }

    @Test
    void time_left_is_what_is_left_at_the_rate_of_wal() {
        assertThat(BUDGET.untilLimit(slot(4000))).contains(Duration.ofSeconds(100));
        assertThat(BUDGET.untilLimit(slot(6000))).contains(Duration.ZERO);
        assertThat(BUDGET.untilLimit(slot(4000, "reserved", 0))).isEmpty();
        assertThat(SlotBudget.untilLost(slot(4000))).contains(Duration.ofSeconds(60));
    }
}
