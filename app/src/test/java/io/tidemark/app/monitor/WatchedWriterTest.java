package io.tidemark.app.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.AssemblerStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a watched writer counts and owes, and what health reads from that. */
class WatchedWriterTest {

    private static final Place PLACE = new Place("orders", "cache");

    /** Answers what the test has put there. */
    private static final class ScriptedWriter implements DocumentWriter {

        private final Deque<Supplier<List<WriteOutcome>>> answers = new ArrayDeque<>();
        private final List<String> said = new ArrayList<>();

        @Override
        public void open() {
            said.add("open");
            if (!answers.isEmpty()) {
                var unused = answers.remove().get();
            }
        }

        @Override
        public List<AppliedTidemark> claims() {
            said.add("claims");
            if (!answers.isEmpty()) {
                var unused = answers.remove().get();
            }
            return List.of();
        }

        @Override
        public void forget(Set<Integer> partitions) {
            said.add("forget " + partitions);
        }

        @Override
        public void rejoin() {
            said.add("rejoin");
        }

        @Override
        public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
            said.add("write " + batch.size() + " " + claims.size());
            return answers.remove().get();
        }

        @Override
        public void close() {
            said.add("close");
        }
    }

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final ScriptedWriter scripted = new ScriptedWriter();
    private final AppliedTidemarks applied = new AppliedTidemarks(2, tidemark -> {});
    private final WatchedWriter writer = new WatchedWriter(scripted, applied, registry, Tags.of("model", "orders"));

    private void answers(WriteOutcome... outcomes) {
        scripted.answers.add(() -> List.of(outcomes));
    }

    private void fails(ErrorCode code) {
        scripted.answers.add(() -> {
            throw new TidemarkException(code, "Redis is away");
        });
    }

    private static List<Document> documents(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Document("orders", new RowKey("{\"id\":" + i + "}"), new Version(i + 1, 0), null))
                .toList();
    }

    private static AppliedTidemark claim(int partition, long number) {
        return new AppliedTidemark(partition, tidemark(number));
    }

    private static TidemarkRef tidemark(long number) {
        return new TidemarkRef(number, new Lsn(100 * number));
    }

    private double documents(String outcome) {
        return registry.get("tidemark.writer.documents")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    private double retries() {
        return registry.get("tidemark.writer.retries").counter().count();
    }

    private Sample sample() {
        return Samples.documentWriter(PLACE, writer);
    }

    @Test
    void everything_is_passed_on() {
        writer.open();
        writer.rejoin();
        answers(WriteOutcome.applied());
        assertThat(writer.write(documents(1), List.of(claim(0, 1)))).containsExactly(WriteOutcome.applied());
        writer.close();
        assertThat(scripted.said).containsExactly("open", "rejoin", "write 1 1", "close");
    }

    @Test
    void documents_are_counted_by_what_came_of_them_and_requests_without_any_are_not_timed() {
        answers(
                WriteOutcome.applied(),
                WriteOutcome.applied(),
                WriteOutcome.stale(),
                new WriteOutcome.ChangedElsewhere(3),
                new WriteOutcome.Retriable("busy"),
                new WriteOutcome.Rejected("too large"));
        writer.write(documents(6), List.of());
        answers();
        writer.write(List.of(), List.of(claim(0, 1)));
        assertThat(documents("applied")).isEqualTo(2);
        assertThat(documents("stale")).isEqualTo(1);
        assertThat(documents("changed_elsewhere")).isEqualTo(1);
        assertThat(documents("retriable")).isEqualTo(1);
        assertThat(documents("rejected")).isEqualTo(1);
        assertThat(registry.get("tidemark.writer.batch").summary().count()).isEqualTo(1);
        assertThat(registry.get("tidemark.writer.batch").summary().totalAmount())
                .isEqualTo(6);
        assertThat(registry.get("tidemark.writer.write").timer().count()).isEqualTo(1);
    }

    @Test
    void what_a_store_says_of_a_document_it_refuses_is_not_shown() {
        answers(new WriteOutcome.Rejected("failed to parse 'canary'"), WriteOutcome.applied());
        writer.write(documents(2), List.of());
        assertThat(sample().waitsFor()).contains("refuses 1 of").doesNotContain("canary");
    }

    @Test
    void what_was_not_taken_is_owed_until_it_is_and_each_attempt_but_the_first_is_a_retry() {
        assertThat(sample().hasWork()).isFalse();
        answers(WriteOutcome.applied(), new WriteOutcome.Retriable("LOADING"));
        writer.write(documents(2), List.of());
        assertThat(sample().hasWork()).isTrue();
        assertThat(sample().waitsFor()).isEqualTo("LOADING");
        long before = sample().progress();
        fails(ErrorCode.UNREACHABLE);
        assertThatThrownBy(() -> writer.write(documents(1), List.of())).hasMessage("Redis is away");
        assertThat(sample()).isEqualTo(new Sample("writer of orders in cache", before, true, "Redis is away"));
        answers(WriteOutcome.stale());
        writer.write(documents(1), List.of());
        assertThat(sample().hasWork()).isFalse();
        assertThat(sample().progress()).isGreaterThan(before);
        assertThat(retries()).isEqualTo(2);
    }

    @Test
    void a_part_of_a_batch_that_is_taken_is_a_move() {
        long before = sample().progress();
        answers(WriteOutcome.applied(), new WriteOutcome.Retriable("busy"));
        writer.write(documents(2), List.of());
        assertThat(sample().progress()).isGreaterThan(before);
    }

    @Test
    void while_the_store_answers_nothing_the_work_is_there_and_does_not_move() {
        List<Sample> during = new ArrayList<>();
        scripted.answers.add(() -> {
            during.add(sample());
            return List.of(WriteOutcome.applied());
        });
        long before = sample().progress();
        writer.write(documents(1), List.of());
        assertThat(during).containsExactly(new Sample("writer of orders in cache", before, true, "the store's answer"));
    }

    @Test
    void a_batch_given_up_because_another_writer_took_over_is_owed_no_more() {
        fails(ErrorCode.FENCED);
        assertThatThrownBy(() -> writer.write(documents(1), List.of())).isInstanceOf(TidemarkException.class);
        assertThat(sample().hasWork()).isFalse();
    }

    @Test
    void a_store_that_lost_everything_owes_until_it_can_be_opened() {
        answers();
        writer.write(List.of(), List.of(claim(0, 1), claim(1, 1)));
        fails(ErrorCode.DATA_LOSS);
        assertThatThrownBy(() -> writer.write(documents(1), List.of())).isInstanceOf(TidemarkException.class);
        assertThat(writer.claimed()).isEmpty();
        fails(ErrorCode.UNREACHABLE);
        assertThatThrownBy(writer::open).isInstanceOf(TidemarkException.class);
        assertThat(sample().hasWork()).isTrue();
        writer.open();
        assertThat(sample().hasWork()).isFalse();
    }

    private Sample assembler(long processed, long restored, Optional<TidemarkRef> newest) {
        AssemblerStatus status = new AssemblerStatus("RUNNING", processed, restored, 0, 0);
        return new AssemblerWatch("orders", () -> status, List.of(writer)).sample(newest);
    }

    @Test
    void an_assembler_has_work_while_tidemarks_are_published_that_none_of_its_writers_was_given() {
        assertThat(assembler(0, 0, Optional.empty()).hasWork()).isFalse();
        assertThat(assembler(0, 0, Optional.of(tidemark(1))).hasWork()).isTrue();
        answers();
        writer.write(List.of(), List.of(claim(0, 1)));
        assertThat(assembler(0, 0, Optional.of(tidemark(1))).hasWork()).isTrue();
        answers();
        writer.write(List.of(), List.of(claim(1, 1)));
        assertThat(assembler(0, 0, Optional.of(tidemark(1))).hasWork()).isFalse();
        Sample behind = assembler(0, 0, Optional.of(tidemark(2)));
        assertThat(behind.hasWork()).isTrue();
        assertThat(behind.waitsFor())
                .isEqualTo("its documents as of tidemark 2@0/C8: it has assembled up to 1@0/64,"
                        + " and Kafka Streams is RUNNING");
    }

    @Test
    void an_assembler_moves_when_it_processes_restores_or_its_documents_are_read() {
        Sample before = assembler(1, 1, Optional.of(tidemark(1)));
        assertThat(assembler(1, 1, Optional.of(tidemark(1))).progress()).isEqualTo(before.progress());
        assertThat(assembler(2, 1, Optional.of(tidemark(1))).progress()).isNotEqualTo(before.progress());
        assertThat(assembler(1, 2, Optional.of(tidemark(1))).progress()).isNotEqualTo(before.progress());
        answers(WriteOutcome.applied());
        writer.write(documents(1), List.of());
        assertThat(assembler(1, 1, Optional.of(tidemark(1))).progress()).isNotEqualTo(before.progress());
    }

    @Test
    void of_partitions_that_other_processes_write_nothing_is_waited_for() {
        applied.own(Set.of(1));
        answers();
        writer.write(List.of(), List.of(claim(1, 1)));
        assertThat(assembler(0, 0, Optional.of(tidemark(1))).hasWork()).isFalse();
        assertThat(assembler(0, 0, Optional.of(tidemark(2))).hasWork()).isTrue();
        applied.own(Set.of());
        assertThat(assembler(0, 0, Optional.of(tidemark(2))).hasWork()).isFalse();
    }

    @Test
    void nothing_is_said_of_an_assembler_while_no_store_takes_what_it_makes() {
        answers(new WriteOutcome.Retriable("busy"));
        writer.write(documents(1), List.of());
        assertThat(assembler(0, 0, Optional.of(tidemark(9))).hasWork()).isFalse();
    }

    @Test
    void a_mirror_has_work_while_it_is_behind_and_moves_by_reading() {
        Sample even = Samples.mirror(PLACE, writer, 5, Optional.of(tidemark(3)), Optional.of(tidemark(3)));
        assertThat(even.hasWork()).isFalse();
        Sample behind = Samples.mirror(PLACE, writer, 5, Optional.of(tidemark(3)), Optional.of(tidemark(4)));
        assertThat(behind.hasWork()).isTrue();
        assertThat(behind.waitsFor()).isEqualTo("the change topics, to be read up to tidemark 4@0/190");
        assertThat(Samples.mirror(PLACE, writer, 6, Optional.of(tidemark(3)), Optional.of(tidemark(4)))
                        .progress())
                .isNotEqualTo(behind.progress());
        fails(ErrorCode.UNREACHABLE);
        assertThatThrownBy(() -> writer.write(documents(1), List.of())).isInstanceOf(TidemarkException.class);
        assertThat(Samples.mirror(PLACE, writer, 5, Optional.of(tidemark(3)), Optional.of(tidemark(3))))
                .isEqualTo(new Sample("writer of orders in cache", even.progress(), true, "Redis is away"));
    }
}
