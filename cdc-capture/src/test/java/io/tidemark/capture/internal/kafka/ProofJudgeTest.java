package io.tidemark.capture.internal.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.capture.CaptureProof;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class ProofJudgeTest {

    private static final Topics TOPICS = new Topics("p");
    private static final String CHANGES = "p.public.items";
    private static final Duration HISTORY = Duration.ofHours(1);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final ProofJudge judge = new ProofJudge(TOPICS, HISTORY, true);
    private final Set<Long> chunks = new HashSet<>();
    private long minute;
    private long offset;

    /** A tidemark a minute after the one before. */
    private void tidemark(long number, long end, long... listed) {
        tidemark(judge, number, 0, end, listed);
    }

    private void tidemark(ProofJudge to, long number, long unlistedTo, long end, long... listed) {
        List<Tidemark.Transaction> transactions = java.util.Arrays.stream(listed)
                .mapToObj(each -> new Tidemark.Transaction(
                        each, chunks.contains(each) ? 0 : 700 + each, new Lsn(each * 10), START, 1))
                .toList();
        Tidemark tidemark = new Tidemark(
                number, new Lsn(number * 10), true, Map.of(CHANGES, List.of(end)), transactions, unlistedTo);
        to.tidemark(tidemark, START.plus(Duration.ofMinutes(minute++)));
    }

    private void change(long position, String operation) {
        record(judge, CHANGES, position, operation);
    }

    private void record(ProofJudge to, String topic, long position, String operation) {
        byte[] value = ("{\"op\":\"" + operation + "\"}").getBytes(StandardCharsets.UTF_8);
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(topic, 0, offset++, new byte[0], value);
        record.headers().add(Version.HEADER, new Version(position, 0).encode());
        to.change(record);
    }

    private CaptureProof verdictAfterMinutes(long minutes) {
        return judge.verdict(START.plus(Duration.ofMinutes(minutes)));
    }

    @Test
    void transactions_that_are_there_once_in_order_are_whole() {
        tidemark(1, 0);
        tidemark(3, 2, 2, 3);
        change(2, "c");
        change(3, "u");

        CaptureProof proof = verdictAfterMinutes(2);

        assertThat(proof.whole()).as(proof.text()).isTrue();
        assertThat(proof)
                .extracting(CaptureProof::transactions, CaptureProof::changes)
                .containsExactly(2L, 2L);
        assertThat(proof.fromPosition()).isEqualTo(2);
        assertThat(proof.from()).isEqualTo(new Lsn(10));
    }

    @Test
    void a_change_that_is_missing_twice_or_in_the_wrong_cut_is_a_fault() {
        tidemark(1, 0);
        tidemark(2, 1, 2);
        tidemark(3, 2, 3);
        tidemark(4, 3, 4);
        change(2, "c");
        change(2, "c");
        change(4, "c");

        assertThat(verdictAfterMinutes(4).faults())
                .containsExactly(
                        "p.public.items-0 offset 1 has position 2 and is past tidemark 2@0/14",
                        "position 2 should have 1 changes, each once, and has 2",
                        "position 3 should have 1 changes, each once, and has 0");
    }

    @Test
    void a_position_is_a_transactions_a_messages_or_a_snapshot_chunks_and_nothing_else() {
        chunks.add(3L);
        tidemark(1, 0);
        tidemark(6, 3, 2, 3);
        change(2, "c");
        change(3, "r");
        change(5, "c");
        record(judge, TOPICS.messages(), 4, "m");

        CaptureProof proof = verdictAfterMinutes(2);

        assertThat(proof.snapshotChunks()).isEqualTo(1);
        assertThat(proof.text()).contains("1 transactions with 1 changes and 1 snapshot chunks");
        assertThat(proof.faults())
                .containsExactly(
                        "position 5 is no transaction's and no message's",
                        "position 6 is no transaction's and no message's");
    }

    @Test
    void nothing_is_said_of_positions_whose_transactions_a_tidemark_does_not_list() {
        tidemark(1, 0);
        tidemark(judge, 5, 5, 1);
        change(2, "c");
        tidemark(6, 2, 6);
        change(6, "c");

        assertThat(verdictAfterMinutes(3).faults()).isEmpty();
    }

    @Test
    void what_a_topic_in_no_cut_yet_holds_is_not_missed_but_nothing_may_be_there_twice() {
        judge.incomplete();
        tidemark(1, 0);
        tidemark(3, 2, 2, 3);
        change(3, "c");
        change(3, "c");

        assertThat(verdictAfterMinutes(2).faults())
                .containsExactly("position 3 should have 1 changes, each once, and has 2");
    }

    @Test
    void what_compaction_may_have_taken_when_the_last_record_was_read_is_no_fault() {
        for (long number = 1; number <= 100; number++) {
            tidemark(number, 0, number == 1 ? new long[0] : new long[] {number});
        }

        // Tidemark n is written at minute n - 1, its changes after the tidemark two before it.
        CaptureProof proof = verdictAfterMinutes(120);

        assertThat(proof.fromPosition()).isEqualTo(65);
        assertThat(proof.from()).isEqualTo(new Lsn(640));
        assertThat(proof.faultCount()).isEqualTo(36);
    }

    @Test
    void a_large_transaction_whose_first_part_left_the_history_is_not_judged() {
        tidemark(1, 0);
        minute = 30;
        tidemark(2, 0, 2);
        minute = 59;
        tidemark(3, 0, 3);

        // The first part of 3 may be as old as the changes of 2.
        assertThat(verdictAfterMinutes(60).transactions()).isZero();
        assertThat(verdictAfterMinutes(60).faults()).isEmpty();
    }

    @Test
    void where_tidemarks_were_removed_the_first_two_kept_do_not_say_how_old_their_changes_are() {
        ProofJudge later = new ProofJudge(TOPICS, HISTORY, false);
        tidemark(later, 7, 0, 0, 7);
        tidemark(later, 8, 0, 0, 8);
        tidemark(later, 9, 0, 0, 9);

        assertThat(later.verdict(START.plus(Duration.ofMinutes(3))).faults())
                .containsExactly("position 9 should have 1 changes, each once, and has 0");
    }

    @Test
    void tidemarks_that_go_back_and_records_of_somebody_else_are_faults() {
        tidemark(2, 0);
        tidemark(1, 0);
        judge.change(new ConsumerRecord<>(CHANGES, 0, 5, new byte[0], new byte[0]));

        assertThat(verdictAfterMinutes(1).faults())
                .containsExactly(
                        "tidemark 1@0/A comes after 2@0/14",
                        "p.public.items-0 offset 5 has no tidemark.position header: somebody else wrote it");
    }
}
