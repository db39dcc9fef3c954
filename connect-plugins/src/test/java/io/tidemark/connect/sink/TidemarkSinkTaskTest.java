package io.tidemark.connect.sink;

import static io.tidemark.connect.sink.TaskUnderTest.at;
import static io.tidemark.connect.sink.TaskUnderTest.document;
import static io.tidemark.connect.sink.TaskUnderTest.marker;
import static io.tidemark.connect.sink.TaskUnderTest.partition;
import static io.tidemark.connect.sink.TaskUnderTest.plain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;

/** What a task does with what a worker gives it, with a store in memory. */
class TidemarkSinkTaskTest {

    private static final String TRUNCATE = "{\"op\":\"t\",\"source\":{},\"before\":null,\"after\":null}";

    @Test
    void documents_are_written_and_their_tidemark_is_claimed_and_kept_beside_the_offset() {
        TaskUnderTest task = new TaskUnderTest().ofDocuments().start(0);
        task.give(document(0, 0, 5, 1, "{\"id\":1}"), marker(0, 1, 5));
        assertThat(task.store.contents()).isEqualTo(Map.of("{\"id\":1}", "{\"id\":1}"));
        assertThat(task.store.claimed()).isEqualTo(Map.of(0, 5L));
        assertThat(task.commit()).hasEntrySatisfying(TaskUnderTest.partition(0), place -> assertThat(place.metadata())
                .startsWith("5@"));
    }

    /** Offsets of two partitions say nothing about which record is newer. */
    @Test
    void a_key_that_may_be_met_in_two_partitions_is_refused_before_anything_is_written() {
        List<TaskUnderTest> tasks = List.of(
                records().with("primary.key.mode", "record_value", "primary.key.fields", "id"),
                records().with("primary.key.fields", "id"),
                transformedBy("io.example.MaskFields$Key"),
                transformedBy("io.tidemark.connect.transforms.DecodeLogicalMessage")
                        .withDeadLetters(),
                transformedBy("io.debezium.transforms.outbox.EventRouter").withDeadLetters(),
                transformedBy("io.example.FillUnchanged").withDeadLetters(),
                records()
                        .with("primary.key.mode", "record_value", "primary.key.fields", "id")
                        .withDeadLetters());
        for (TaskUnderTest task : tasks) {
            task.brokers.describedAs("first", 2);
            task.start(0, 1);
            assertThatThrownBy(() -> task.give(plain(0, 900, "{\"id\":7,\"region\":1}", "{\"id\":7,\"v\":1}")))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("primary.key.in.one.partition");
            assertThat(task.store.contents()).isEmpty();
        }
    }

    @Test
    void transforms_that_are_known_to_leave_keys_alone_need_no_consent() {
        for (String type : List.of(
                "io.tidemark.connect.transforms.MaskFields$Value",
                "io.tidemark.connect.transforms.FillUnchanged",
                "io.debezium.transforms.ExtractNewRecordState",
                "org.apache.kafka.connect.transforms.Filter",
                "RegexRouter",
                "io.example.Anything$Value")) {
            TaskUnderTest task = transformedBy(type);
            task.brokers.describedAs("first", 2);
            task.start(0, 1).give(plain(0, 9, "{\"id\":7}", "{\"id\":7}"));
            assertThat(task.store.contents()).as(type).hasSize(1);
        }
    }

    private static TaskUnderTest transformedBy(String type) {
        return records().with("transforms", "first", "transforms.first.type", type);
    }

    @Test
    void keys_that_stay_in_their_partition_are_taken_from_the_value_or_in_part() {
        TaskUnderTest onePartition = records()
                .with("primary.key.mode", "record_value", "primary.key.fields", "id")
                .start(0);
        onePartition.give(plain(0, 3, null, "{\"id\":7}"));
        TaskUnderTest consent = new TaskUnderTest()
                .with("primary.key.fields", "id", "primary.key.in.one.partition", "true")
                .start(0, 1);
        consent.give(plain(1, 3, "{\"id\":7,\"region\":1}", "{\"id\":7}"));
        TaskUnderTest sameKey = new TaskUnderTest()
                .with("primary.key.mode", "record_value", "primary.key.fields", "id")
                .start(0, 1);
        sameKey.give(plain(1, 3, "{\"id\":7}", "{\"id\":7}"));
        SinkRecord typed = new SinkRecord(TaskUnderTest.TOPIC, 1, null, Map.of("id", 7L), null, "{\"id\":7}", 3);
        TaskUnderTest sameTyped =
                new TaskUnderTest().with("primary.key.fields", "id").start(0, 1);
        sameTyped.give(typed);
        TaskUnderTest positions = records().with("primary.key.mode", "record_value", "primary.key.fields", "id");
        positions.brokers.describedAs("first", 2);
        positions.start(0, 1).give(at(5, plain(1, 3, null, "{\"id\":7}")));
        assertThat(List.of(onePartition, consent, sameKey, sameTyped, positions))
                .allSatisfy(task -> assertThat(task.store.contents()).isEqualTo(Map.of("{\"id\":7}", "{\"id\":7}")));
    }

    @Test
    void partitions_added_to_a_topic_stop_a_task_whose_versions_are_offsets() {
        TaskUnderTest task = records();
        task.brokers.describedAs("first", 1);
        task.start(0).give(plain(0, 1_000, "{\"id\":7}", "{\"v\":1}"));
        task.brokers.describedAs("first", 2);
        task.assign(0, 1);
        assertThatThrownBy(() -> task.give(plain(1, 3, "{\"id\":7}", "{\"v\":2}")))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("partitions");
        task.start(0, 1);
        assertThatThrownBy(() -> task.give(plain(1, 3, "{\"id\":7}", "{\"v\":2}")))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("2 now");
    }

    @Test
    void a_record_with_a_position_and_one_without_are_not_compared() {
        TaskUnderTest task = records().withDeadLetters().start(0);
        task.give(at(5, plain(0, 900, "{\"id\":1}", "{\"v\":1}")), plain(0, 901, "{\"id\":1}", "{\"v\":2}"));
        assertThat(task.dead).hasSize(1);
        assertThat(task.store.contents()).isEqualTo(Map.of("{\"id\":1}", "{\"v\":1}"));
    }

    @Test
    void a_topic_made_anew_while_the_task_runs_stops_it() {
        TaskUnderTest records = records().start(0);
        records.give(plain(0, 40, "{\"id\":1}", "{\"v\":1}"));
        records.brokers.describedAs("second", 1);
        assertThatThrownBy(() -> records.give(plain(0, 0, "{\"id\":1}", "{\"v\":2}")))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("made anew");
        TaskUnderTest assigned = records().start(0);
        assigned.give(plain(0, 40, "{\"id\":1}", "{\"v\":1}"));
        assigned.brokers.describedAs("second", 1);
        assigned.assign(0);
        assertThatThrownBy(() -> assigned.give(plain(0, 50, "{\"id\":1}", "{\"v\":2}")))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("made anew");
    }

    /** It has as many records, so the consumer goes on at its offset, without a rebalance. */
    @Test
    void a_topic_made_anew_that_shows_in_no_offset_is_noticed_within_half_a_minute() {
        TaskUnderTest task = records().start(0);
        task.give(plain(0, 40, "{\"id\":1}", "{\"v\":1}"));
        task.brokers.describedAs("second", 1);
        task.clocks.pass(Duration.ofSeconds(31));
        assertThatThrownBy(() -> task.give(plain(0, 41, "{\"id\":1}", "{\"v\":2}")))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("made anew");
    }

    /** Its positions begin at 1 again: everything would be stale, and the new tidemark claimed. */
    @Test
    void nothing_is_claimed_of_a_documents_topic_made_anew_while_the_task_runs() {
        TaskUnderTest task = new TaskUnderTest().ofDocuments().start(0);
        task.give(document(0, 0, 70, 1, "{\"v\":1}"), marker(0, 1, 70));
        task.brokers.describedAs("second", 1);
        task.brokers.loseOffsets();
        task.assign(0);
        assertThatThrownBy(() -> task.give(document(0, 0, 2, 1, "{\"v\":2}"), marker(0, 1, 2)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("made anew");
        assertThat(task.store.claimed()).isEqualTo(Map.of(0, 70L));
    }

    /** Cut off from all, it kept its batch; the store came back first. */
    @Test
    void a_batch_that_was_retried_for_long_does_not_bring_back_what_its_successor_deleted() {
        TaskUnderTest task = begunAt(5);
        SinkRecord late = document(0, 2, 6, 1, "{\"v\":6}");
        task.store.goAway(true);
        for (int minutes = 0; minutes < 120; minutes += 10) {
            assertThatThrownBy(() -> task.give(late)).isInstanceOf(RetriableException.class);
            task.clocks.pass(Duration.ofMinutes(10));
        }
        successorDeletes(task);
        task.store.goAway(false);
        giveUntilTaken(task, late);
        assertThat(task.store.contents()).isEmpty();
        task.give(document(0, 9, 12, 2, "{\"v\":12}"), marker(0, 10, 12));
        assertThat(task.store.claimed()).isEqualTo(Map.of(0, 12L));
    }

    @Test
    void a_machine_that_slept_between_poll_and_put_does_not_bring_back_what_its_successor_deleted() {
        TaskUnderTest task = begunAt(5);
        task.clocks.sleep(Duration.ofHours(3));
        successorDeletes(task);
        giveUntilTaken(task, document(0, 2, 6, 1, "{\"v\":6}"));
        assertThat(task.store.contents()).isEmpty();
    }

    /** Polls that return nothing are no proof that a broker answered. */
    @Test
    void a_task_that_was_given_nothing_for_long_begins_where_its_group_is() {
        TaskUnderTest task = begunAt(5);
        for (int minutes = 0; minutes < 180; minutes++) {
            task.clocks.pass(Duration.ofMinutes(1));
            task.give();
        }
        successorDeletes(task);
        giveUntilTaken(task, document(0, 2, 6, 1, "{\"v\":6}"));
        assertThat(task.store.contents()).isEmpty();
    }

    @Test
    void without_brokers_a_task_that_was_away_writes_nothing_before_it_is_given_its_partitions_anew() {
        TaskUnderTest task = new TaskUnderTest().start(0);
        task.give(plain(0, 1, "{\"id\":1}", "{\"v\":1}"));
        task.clocks.sleep(Duration.ofHours(3));
        SinkRecord late = plain(0, 2, "{\"id\":1}", "{\"v\":2}");
        assertThatThrownBy(() -> task.give(late)).isInstanceOf(RetriableException.class);
        assertThatThrownBy(() -> task.give(late)).isInstanceOf(RetriableException.class);
        assertThat(task.store.contents()).containsValue("{\"v\":1}");
        task.assign(0);
        task.give(late);
        assertThat(task.store.contents()).containsValue("{\"v\":2}");
    }

    @Test
    void with_brokers_records_are_read_again_from_where_the_group_is_after_an_absence() {
        TaskUnderTest task = records().start(0);
        task.give(plain(0, 1, "{\"id\":1}", "{\"v\":1}"));
        task.clocks.sleep(Duration.ofHours(3));
        task.store.write("{\"id\":1}", 9, null);
        task.store.forgetDeletes();
        task.brokers.commit(Map.of(partition(0), new OffsetAndMetadata(9)));
        giveUntilTaken(task, plain(0, 2, "{\"id\":1}", "{\"v\":2}"));
        assertThat(task.store.contents()).isEmpty();
    }

    @Test
    void a_topic_whose_first_record_comes_after_an_absence_is_begun_where_the_group_is() {
        TaskUnderTest task = records().start(0);
        task.clocks.pass(Duration.ofHours(3));
        task.brokers.commit(Map.of(partition(0), new OffsetAndMetadata(9)));
        task.give(plain(0, 2, "{\"id\":1}", "{\"v\":2}"));
        assertThat(task.store.contents()).isEmpty();
    }

    @Test
    void what_the_group_has_no_place_in_is_read_again_from_what_was_given() {
        TaskUnderTest task = records().start(0, 1);
        task.give(plain(0, 1, "{\"id\":1}", "{\"v\":1}"));
        task.clocks.sleep(Duration.ofHours(3));
        task.giveOnce(plain(0, 2, "{\"id\":1}", "{\"v\":2}"));
        assertThat(task.sought()).isEqualTo(Map.of(partition(0), 2L));
    }

    /** What was dropped to be read again is not written. */
    @Test
    void what_is_to_be_read_again_is_not_committed_meanwhile() {
        TaskUnderTest task = records().start(0);
        task.give(plain(0, 1, "{\"id\":1}", "{\"v\":1}"));
        task.commit();
        task.clocks.sleep(Duration.ofHours(3));
        task.giveOnce(plain(0, 2, "{\"id\":1}", "{\"v\":2}"));
        assertThat(task.commit()).isEmpty();
        task.give(plain(0, 2, "{\"id\":1}", "{\"v\":2}"));
        assertThat(task.commit()).containsValue(new OffsetAndMetadata(3));
    }

    /** Documents up to a tidemark, at offset 0, with its marker at offset 1, committed. */
    private static TaskUnderTest begunAt(long tidemark) {
        TaskUnderTest task = new TaskUnderTest().ofDocuments().start(0);
        task.give(document(0, 0, tidemark, 1, "{\"v\":" + tidemark + "}"), marker(0, 1, tidemark));
        task.commit();
        return task;
    }

    /** Another owner went on to tidemark 9, in which the document is gone, more than an hour ago. */
    private static void successorDeletes(TaskUnderTest task) {
        task.store.write("{\"id\":1}", 9, null);
        task.store.forgetDeletes();
        task.store.claim(0, 9);
        task.brokers.commit(Map.of(
                partition(0), new OffsetAndMetadata(8, TaskUnderTest.tidemark(9).toString())));
    }

    private static void giveUntilTaken(TaskUnderTest task, SinkRecord... records) {
        for (int turn = 0; turn < 5; turn++) {
            try {
                task.give(records);
                return;
            } catch (RetriableException again) {
                task.clocks.pass(Duration.ofSeconds(10));
            }
        }
        throw new AssertionError("It is not taken");
    }

    /** It is in another's hands meanwhile, who is further. */
    @Test
    void a_partition_that_came_back_is_not_committed_as_it_was_left() {
        TaskUnderTest task = begunAt(5);
        task.assign(1);
        successorDeletes(task);
        task.assign(0);
        assertThat(task.commit()).isEmpty();
    }

    @Test
    void a_key_of_other_fields_or_kinds_than_the_targets_goes_to_the_dead_letters() {
        TaskUnderTest fixed = records().withDeadLetters();
        fixed.store.keyed("id");
        fixed.start(0)
                .give(
                        plain(0, 1, "{\"order_id\":5}", "{\"v\":1}"),
                        plain(0, 2, "{\"id\":1,\"region\":\"eu\"}", "{\"v\":2}"),
                        plain(0, 3, "{\"id\":1}", "{\"v\":3}"));
        assertThat(fixed.store.contents()).isEqualTo(Map.of("{\"id\":1}", "{\"v\":3}"));
        assertThat(fixed.dead).hasSize(2);
        TaskUnderTest said = records()
                .withDeadLetters()
                .with("primary.key.fields", "id:bigint")
                .start(0);
        said.give(
                plain(0, 1, "{\"id\":\"1\"}", "{\"v\":2}"),
                plain(0, 2, "{\"order_id\":1}", "{\"v\":3}"),
                plain(0, 3, "{\"id\":1}", "{\"v\":1}"));
        assertThat(said.store.contents()).isEqualTo(Map.of("{\"id\":1}", "{\"v\":1}"));
        assertThat(said.dead).hasSize(2);
    }

    /** The first one that a task meets after a start may be the wrong one: the rest would be refused for it. */
    @Test
    void keys_of_two_shapes_stop_a_task_that_is_not_told_which_is_right() {
        for (String foreign : List.of("{\"order_id\":5}", "{\"id\":\"1\"}")) {
            for (boolean first : List.of(true, false)) {
                TaskUnderTest task = records().withDeadLetters().start(0);
                task.give(plain(0, 1, first ? foreign : "{\"id\":1}", "{\"v\":1}"));
                assertThatThrownBy(() -> task.give(plain(0, 2, first ? "{\"id\":1}" : foreign, "{\"v\":2}")))
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining("primary.key.fields");
                assertThat(task.dead).isEmpty();
            }
        }
    }

    @Test
    void a_refused_record_in_front_of_all_others_does_not_decide_what_the_topic_is() {
        TaskUnderTest task = records().withDeadLetters();
        task.start(0).give(plain(0, 1, "{\"id\":1}", "no json"));
        task.give(at(5, plain(0, 2, "{\"id\":1}", "{\"v\":1}")));
        assertThat(task.dead).hasSize(1);
        assertThat(task.store.contents()).isEqualTo(Map.of("{\"id\":1}", "{\"v\":1}"));
    }

    @Test
    void headers_that_are_not_tidemarks_make_a_record_malformed() {
        SinkRecord position = plain(0, 1, "{\"id\":1}", "{\"v\":1}");
        position.headers().add("tidemark.position", new byte[] {1}, null);
        SinkRecord applied = plain(0, 2, "\"__tidemark\"", null);
        applied.headers().add("tidemark.applied", new byte[] {1}, null);
        TaskUnderTest task = new TaskUnderTest().ofDocuments().withDeadLetters().start(0);
        task.give(position, applied, document(0, 3, 5, 2, "{\"v\":2}"));
        assertThat(task.dead).hasSize(2);
        assertThat(task.store.contents()).isEqualTo(Map.of("{\"id\":2}", "{\"v\":2}"));
    }

    /** Its successor in the batch must not be all that is left to do by hand. */
    @Test
    void what_precedes_a_truncate_that_cannot_be_applied_is_written_before_the_task_stops() {
        TaskUnderTest task = records().start(0);
        assertThatThrownBy(() -> task.give(
                        at(5, plain(0, 1, "{\"id\":1}", "{\"v\":1}")),
                        at(6, plain(0, 2, "\"__truncate\"", TRUNCATE)),
                        at(7, plain(0, 3, "{\"id\":2}", "{\"v\":2}"))))
                .isInstanceOf(ConnectException.class)
                .hasMessageContainingAll("TRUNCATE", "reset its offsets", "SQL sink");
        assertThat(task.store.contents()).isEqualTo(Map.of("{\"id\":1}", "{\"v\":1}"));
    }

    @Test
    void a_truncate_alone_is_written_before_there_is_any_key() {
        TaskUnderTest task = records();
        task.store.exact();
        task.start(0).give(at(6, plain(0, 2, "\"__truncate\"", TRUNCATE)));
        task.give(at(7, plain(0, 3, "{\"id\":2}", "{\"v\":2}")));
        assertThat(task.store.contents()).isEqualTo(Map.of("{\"id\":2}", "{\"v\":2}"));
    }

    @Test
    void a_refused_version_of_a_key_does_not_take_those_before_it_along() {
        TaskUnderTest task = records().withDeadLetters().start(0);
        task.give(at(5, plain(0, 1, "{\"id\":1}", "{\"v\":5}")));
        task.store.refuse(document ->
                document.content() != null && document.content().toString().contains("bad"));
        task.give(
                at(6, plain(0, 2, "{\"id\":1}", null)),
                at(7, plain(0, 3, "{\"id\":1}", "{\"v\":\"bad\"}")),
                at(7, plain(0, 4, "{\"id\":2}", "{\"v\":7}")),
                at(8, plain(0, 5, "{\"id\":1}", "{\"v\":\"bad again\"}")));
        assertThat(task.store.contents()).isEqualTo(Map.of("{\"id\":2}", "{\"v\":7}"));
        assertThat(task.dead).extracting(SinkRecord::kafkaOffset).containsExactlyInAnyOrder(3L, 5L);
    }

    /** What it wrote nobody would read, and its claims would say otherwise. */
    @Test
    void what_readers_are_not_given_is_not_written_and_not_claimed() {
        TaskUnderTest documents = new TaskUnderTest().ofDocuments();
        documents.store.giveReadersSomethingElse();
        documents.start(0);
        assertThatThrownBy(() -> documents.give(document(0, 0, 5, 1, "{\"v\":1}"), marker(0, 1, 5)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("choose another target");
        assertThat(documents.store.claimed()).isEmpty();
        TaskUnderTest records = records();
        records.store.giveReadersSomethingElse();
        records.start(0);
        assertThatThrownBy(() -> records.give(plain(0, 1, "{\"id\":1}", "{\"v\":1}")))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("choose another target");
        assertThat(records.store.contents()).isEmpty();
    }

    private static TaskUnderTest records() {
        return new TaskUnderTest().withBrokers();
    }
}
