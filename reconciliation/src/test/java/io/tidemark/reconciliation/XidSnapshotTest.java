package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

class XidSnapshotTest {

    private static final long EPOCH = 1L << 32;

    @Test
    void a_snapshot_is_read_as_postgresql_prints_it() {
        assertThat(XidSnapshot.parse("10:20:10,14,15")).isEqualTo(new XidSnapshot(10, 20, Set.of(10L, 14L, 15L)));
        assertThat(XidSnapshot.parse("20:20:")).isEqualTo(new XidSnapshot(20, 20, Set.of()));
        assertThatThrownBy(() -> XidSnapshot.parse("10:20")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void what_ended_before_is_seen_what_runs_or_comes_after_is_not() {
        XidSnapshot snapshot = XidSnapshot.parse("10:20:10,14");

        assertThat(snapshot.sees(9)).isTrue();
        assertThat(snapshot.sees(10)).isFalse();
        assertThat(snapshot.sees(11)).isTrue();
        assertThat(snapshot.sees(14)).isFalse();
        assertThat(snapshot.sees(19)).isTrue();
        assertThat(snapshot.sees(20)).isFalse();
        assertThat(snapshot.sees(21)).isFalse();
    }

    @Test
    void xids_of_a_later_epoch_are_compared_without_it() {
        long base = 7 * EPOCH + 100;
        XidSnapshot snapshot = new XidSnapshot(base - 5, base, Set.of(base - 5));

        assertThat(snapshot.sees(96)).isTrue();
        assertThat(snapshot.sees(95)).isFalse();
        assertThat(snapshot.sees(100)).isFalse();
    }

    @Test
    void a_snapshot_just_after_the_wraparound_sees_the_last_xids_of_the_epoch_before() {
        XidSnapshot snapshot = new XidSnapshot(EPOCH - 2, EPOCH + 10, Set.of(EPOCH - 2));

        assertThat(snapshot.sees(EPOCH - 1)).isTrue();
        assertThat(snapshot.sees(EPOCH - 2)).isFalse();
        assertThat(snapshot.sees(9)).isTrue();
        assertThat(snapshot.sees(10)).isFalse();
    }

    @Test
    void a_snapshot_just_before_the_wraparound_does_not_see_the_first_xids_of_the_next_epoch() {
        XidSnapshot snapshot = new XidSnapshot(EPOCH - 3, EPOCH - 2, Set.of());

        assertThat(snapshot.sees(EPOCH - 3)).isTrue();
        assertThat(snapshot.sees(EPOCH - 1)).isFalse();
        assertThat(snapshot.sees(3)).isFalse();
    }

    @Test
    void what_no_transaction_wrote_is_always_seen() {
        assertThat(XidSnapshot.parse("5:5:").sees(0)).isTrue();
        assertThat(new XidSnapshot(EPOCH - 1, EPOCH - 1, Set.of()).sees(2)).isTrue();
    }
}
