package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Reference;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;

/** However much one change makes necessary, a call does a bounded part of it, and the marker follows all of it. */
class BoundedWorkTest {

    private static final int MANY = AssembleStep.WORK_PER_CALL + 500;
    private static final int ALL_CALLS = 12;

    private static final DocumentNode AUTHORS = new DocumentNode(
            new Relation(
                    TableId.parse("public.authors"),
                    List.of(new Column("id", "integer", 23, false), new Column("name", "text", 25, true)),
                    List.of("id"),
                    List.of(),
                    1),
            List.of("name"),
            List.of(),
            List.of());

    private final StepNames names = new StepNames("posts.author");

    private StepDriver assembleStep() {
        return new StepDriver(
                List.of(names.state()),
                cuts -> new AssembleStep(
                        AUTHORS,
                        names,
                        new StepOutput.ReferencedBy("author"),
                        List.of(Edge.SUBSCRIPTIONS),
                        StepDriver.TOPIC,
                        1,
                        cuts));
    }

    @Test
    void a_change_that_many_rows_hear_of_goes_out_in_bounded_calls_and_the_marker_after_it() {
        StepDriver step = assembleStep();
        TidemarkRef floor = step.tidemark(1, 0);
        step.start();
        subscribe(step, 2);
        step.process(StepDriver.key(1), row(3, "Ann"));
        advance(step, step.tidemark(3, 0), floor, StepDriver::tick);

        assertThat(step.most()).isLessThanOrEqualTo(AssembleStep.WORK_PER_CALL);
        assertThat(responses(step)).hasSize(2 * MANY).last().satisfies(last -> assertThat(last.version())
                .isEqualTo(new Version(3, Integer.MAX_VALUE)));
        assertEveryoneHeardLast(step, "{\"name\":\"Ann\"}");
        assertThat(step.sent()).last().isInstanceOf(Edge.Marker.class);
    }

    @Test
    void what_is_left_when_a_step_ends_goes_out_when_it_starts_again_and_nothing_twice() {
        StepDriver step = assembleStep();
        TidemarkRef floor = step.tidemark(1, 0);
        step.start();
        subscribe(step, 2);
        step.process(StepDriver.key(1), row(3, "Ann"));
        advance(step, step.tidemark(3, 0), floor, driver -> {
            driver.tick();
            driver.start();
        });

        assertThat(responses(step)).hasSize(2 * MANY);
        assertEveryoneHeardLast(step, "{\"name\":\"Ann\"}");
        assertThat(step.sent().stream().filter(Edge.Marker.class::isInstance)).hasSize(1);
    }

    @Test
    void below_the_floor_what_comes_behind_a_large_change_waits_its_turn() {
        StepDriver step = assembleStep();
        TidemarkRef floor = step.tidemark(9, 3);
        step.start();
        subscribe(step, 2);
        step.process(StepDriver.key(1), row(3, "Ann"));
        step.process(StepDriver.key(1), row(4, "Bea"));
        step.start();
        step.process(StepDriver.key(1), row(5, "Cas"));
        advance(step, floor, floor, StepDriver::tick);

        assertThat(step.most()).isLessThanOrEqualTo(AssembleStep.WORK_PER_CALL);
        assertThat(responses(step))
                .allSatisfy(each -> assertThat(each.version()).isEqualTo(new Version(9, 0)));
        assertEveryoneHeardLast(step, "{\"name\":\"Cas\"}");
        assertThat(step.sent()).last().isInstanceOf(Edge.Marker.class);
    }

    @Test
    void what_comes_right_behind_a_tidemark_belongs_to_the_next() {
        StepDriver step = assembleStep();
        TidemarkRef floor = step.tidemark(1, 0);
        step.start();
        advance(step, floor, floor, StepDriver::tick);
        step.process(StepDriver.key(1), subscription(2, 0, 7));
        step.process(StepDriver.key(1), row(2, "Ann"));
        advance(step, step.tidemark(2, 0), floor, StepDriver::tick);

        assertThat(responses(step)).isNotEmpty().allSatisfy(heard -> assertThat(heard.document())
                .isEqualTo(document("{\"name\":\"Ann\"}")));
        assertThat(step.sent()).last().isInstanceOf(Edge.Marker.class);
    }

    @Test
    void below_the_floor_what_comes_late_and_belongs_before_what_was_worked_off_is_not_passed_over() {
        StepDriver step = assembleStep();
        TidemarkRef floor = step.tidemark(9, 3);
        step.start();
        subscribe(step, 2);
        step.process(StepDriver.key(1), row(3, "Ann"));
        step.process(StepDriver.key(1), row(5, "Bea"));
        step.process(StepDriver.key(1), row(6, "Cas"));
        // The second row is worked off and half sent; the third waits.
        IntStream.range(0, 2).forEach(call -> step.tick());
        int late = MANY + 1;
        step.process(StepDriver.key(1), subscription(4, late, late));
        advance(step, floor, floor, StepDriver::tick);

        assertThat(step.lastByKey().get(Bytes.wrap(StepDriver.key(late))))
                .isInstanceOfSatisfying(Edge.Response.class, heard -> assertThat(heard.document())
                        .isEqualTo(document("{\"name\":\"Cas\"}")));
        assertThat(step.sent()).last().isInstanceOf(Edge.Marker.class);
    }

    @Test
    void below_the_floor_a_row_that_changes_while_it_is_being_sent_reaches_everybody_as_it_is_then() {
        StepDriver step = assembleStep();
        TidemarkRef floor = step.tidemark(9, 3);
        step.start();
        subscribe(step, 2);
        step.process(StepDriver.key(1), row(3, "Ann"));
        step.process(StepDriver.key(1), new Edge.Row(new Version(3, 1), name("Bea")));
        step.process(StepDriver.key(1), new Edge.Row(new Version(3, 1), name("Cas")));
        advance(step, floor, floor, StepDriver::tick);

        for (int post = 1; post <= MANY; post++) {
            assertThat(step.lastByKey().get(Bytes.wrap(StepDriver.key(post))))
                    .isInstanceOfSatisfying(Edge.Response.class, heard -> assertThat(heard.document())
                            .isEqualTo(document("{\"name\":\"Cas\"}")));
        }
        assertThat(step.sent()).last().isInstanceOf(Edge.Marker.class);
    }

    @Test
    void a_truncate_of_many_rows_is_worked_off_in_bounded_calls_before_what_comes_behind_it() {
        for (long floor : new long[] {1, 9}) {
            StepDriver step = assembleStep();
            TidemarkRef lowest = step.tidemark(floor, floor == 1 ? 0 : MANY + 2);
            step.start();
            for (int id = 1; id <= MANY; id++) {
                step.process(StepDriver.key(id), row(2, "Ann"));
                step.process(StepDriver.key(id), subscription(2, id, -id));
            }
            step.process(StepDriver.key(0), new Edge.Truncate(new Version(3, 0)));
            step.process(StepDriver.key(7), new Edge.Row(new Version(3, 1), name("Bea")));
            advance(step, floor == 1 ? step.tidemark(3, 0) : lowest, lowest, StepDriver::tick);

            assertThat(step.most()).isLessThanOrEqualTo(AssembleStep.WORK_PER_CALL);
            Map<Bytes, Bytes> heard = lastHeardBySubject(step);
            assertThat(heard)
                    .hasSize(MANY)
                    .containsEntry(Bytes.wrap(StepDriver.key(7)), document("{\"name\":\"Bea\"}"));
            assertThat(heard.values().stream().filter(document -> document != null))
                    .hasSize(1);
            assertThat(step.sent()).last().isInstanceOf(Edge.Marker.class);
        }
    }

    @Test
    void a_truncate_ends_many_subscriptions_in_bounded_calls_before_what_comes_behind_it() {
        Reference author = new Reference("author", List.of("author_id"), AUTHORS);
        StepDriver step = new StepDriver(
                List.of(names.targets()), cuts -> new SubscriptionStep(author, names, StepDriver.TOPIC, cuts));
        step.tidemark(1, 0);
        step.start();
        for (int id = 1; id <= MANY; id++) {
            step.process(StepDriver.key(id), post(2, 0, id));
        }
        step.process(StepDriver.key(0), new Edge.Truncate(new Version(3, 0)));
        step.process(StepDriver.key(7), post(3, 1, 7));
        step.start();
        step.process(StepDriver.key(8), post(4, 0, 8));
        TidemarkRef covered = step.tidemark(4, 0);
        IntStream.range(0, ALL_CALLS).forEach(call -> step.tick());

        assertThat(step.most()).as("with the marker").isLessThanOrEqualTo(AssembleStep.WORK_PER_CALL + 1);
        List<Edge.Subscription> told = step.sent().stream()
                .filter(Edge.Subscription.class::isInstance)
                .map(Edge.Subscription.class::cast)
                .toList();
        assertThat(told).hasSize(2 * MANY + 2);
        assertThat(told.subList(MANY, 2 * MANY)).allSatisfy(each -> {
            assertThat(each.active()).isFalse();
            assertThat(each.version()).isEqualTo(new Version(3, 0));
        });
        assertThat(told.subList(2 * MANY, 2 * MANY + 2))
                .extracting(Edge.Subscription::active)
                .containsOnly(true);
        assertThat(step.sent()).last().isInstanceOfSatisfying(Edge.Marker.class, marker -> assertThat(marker.tidemark())
                .isEqualTo(covered));
    }

    /** Many rows refer to author 1, of whom nothing is known yet. */
    private static void subscribe(StepDriver step, long position) {
        for (int post = 1; post <= MANY; post++) {
            step.process(StepDriver.key(1), subscription(position, post, post));
        }
    }

    private static Edge.Subscription subscription(long position, int order, int post) {
        return new Edge.Subscription(new Version(position, order), Bytes.wrap(StepDriver.key(post)), true);
    }

    private static Edge.Row row(long position, String name) {
        return new Edge.Row(new Version(position, 0), name(name));
    }

    private static Bytes name(String name) {
        return document("{\"id\":1,\"name\":\"" + name + "\"}");
    }

    private static Edge.Row post(long position, int order, int author) {
        return new Edge.Row(new Version(position, order), document("{\"author_id\":" + author + "}"));
    }

    private static Bytes document(String json) {
        return Bytes.wrap(json.getBytes(StandardCharsets.UTF_8));
    }

    /** Lets the subscriptions pass a tidemark, and the step work until nothing can be left. */
    private static void advance(StepDriver step, TidemarkRef to, TidemarkRef floor, Consumer<StepDriver> call) {
        step.process(new byte[0], new Edge.Marker(Edge.SUBSCRIPTIONS, to, floor, 0));
        IntStream.range(0, ALL_CALLS).forEach(number -> call.accept(step));
    }

    private static List<Edge.Response> responses(StepDriver step) {
        return step.sent().stream()
                .filter(Edge.Response.class::isInstance)
                .map(Edge.Response.class::cast)
                .toList();
    }

    private static void assertEveryoneHeardLast(StepDriver step, String document) {
        List<Edge.Response> responses = responses(step);
        assertThat(responses.subList(responses.size() - MANY, responses.size()))
                .allSatisfy(each -> assertThat(each.document()).isEqualTo(document(document)));
    }

    private static Map<Bytes, Bytes> lastHeardBySubject(StepDriver step) {
        Map<Bytes, Bytes> heard = new HashMap<>();
        responses(step).forEach(each -> heard.put(each.referenced(), each.document()));
        return heard;
    }
}
