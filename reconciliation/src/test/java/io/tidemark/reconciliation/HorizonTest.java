package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark.Transaction;
import io.tidemark.model.TidemarkRef;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class HorizonTest {

    /** Taken between WAL positions 100 and 110; sees everything before xid 50 but 48. */
    private static final TakenSnapshot SNAPSHOT =
            new TakenSnapshot(new Lsn(100), XidSnapshot.parse("48:50:48"), new Lsn(110));

    private static final TidemarkRef NEWEST = new TidemarkRef(12, new Lsn(200));

    @Test
    void it_is_the_newest_tidemark_when_every_transaction_is_seen() {
        assertThat(of(transaction(11, 47, 90), transaction(12, 49, 95))).isEqualTo(new Horizon(12, true, true));
        assertThat(of()).isEqualTo(new Horizon(12, true, true));
    }

    @Test
    void it_ends_before_the_first_transaction_after_the_snapshot() {
        assertThat(of(transaction(10, 47, 90), transaction(11, 50, 120), transaction(12, 49, 130)))
                .isEqualTo(new Horizon(10, true, false));
    }

    @Test
    void a_commit_that_was_in_the_wal_before_the_snapshot_but_not_seen_by_it_leaves_it_unsettled() {
        assertThat(of(transaction(10, 48, 100), transaction(11, 49, 105))).isEqualTo(new Horizon(9, false, false));
    }

    @Test
    void it_is_exact_where_nothing_after_it_is_seen() {
        assertThat(of(transaction(10, 48, 100), transaction(11, 50, 120))).isEqualTo(new Horizon(9, false, true));
        assertThat(of(transaction(10, 48, 100), transaction(11, 49, 105), transaction(12, 50, 120))
                        .exact())
                .isFalse();
    }

    @Test
    void transactions_newer_than_the_tidemark_do_not_move_it_on() {
        assertThat(of(transaction(12, 49, 95), transaction(14, 51, 210))).isEqualTo(new Horizon(12, true, true));
    }

    @Test
    void a_list_that_does_not_reach_back_to_the_snapshot_says_nothing() {
        List<Transaction> late = List.of(transaction(11, 51, 111), transaction(12, 52, 120));

        assertThat(Horizon.of(SNAPSHOT, NEWEST, late, false)).isEqualTo(new Horizon(0, false, false));
        assertThat(Horizon.of(SNAPSHOT, NEWEST, late, true)).isEqualTo(new Horizon(10, true, true));
    }

    private static Horizon of(Transaction... transactions) {
        return Horizon.of(SNAPSHOT, NEWEST, List.of(transactions), true);
    }

    private static Transaction transaction(long position, long xid, long endLsn) {
        return new Transaction(position, xid, new Lsn(endLsn), Instant.EPOCH, 1);
    }
}
