package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.Version;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.projections.DocumentLimit;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Documents that are too large to be sent. With its key, one of n letters has n + 19 bytes. */
class WithheldTest {

    private static final DocumentNode NODE = new DocumentNode(
            new Relation(
                    TableId.parse("public.notes"),
                    List.of(new Column("id", "integer", 23, false), new Column("text", "text", 25, true)),
                    List.of("id"),
                    List.of(),
                    1),
            List.of("text"),
            List.of(),
            List.of());

    private final StepNames names = new StepNames("notes");
    private final StepDriver step = new StepDriver(List.of(names.state()), rootOf(new DocumentLimit(119)));

    private Function<Cuts, Processor<byte[], Edge, byte[], Edge>> rootOf(DocumentLimit limit) {
        return cuts -> new AssembleStep(NODE, names, new StepOutput.Root(limit), List.of(), StepDriver.TOPIC, 1, cuts);
    }

    private void row(int id, long position, int letters) {
        step.process(StepDriver.key(id), new Edge.Row(new Version(position, 0), body(letters)));
    }

    private static @Nullable Bytes body(int letters) {
        return letters == 0
                ? null
                : Bytes.wrap(("{\"text\":\"" + "x".repeat(letters) + "\"}").getBytes(StandardCharsets.UTF_8));
    }

    /** What is sent at a tidemark that covers all there is. */
    private List<Edge> sentAt(long number) {
        step.tidemark(number, 0);
        int before = step.sent().size();
        step.tick();
        return step.sent().subList(before, step.sent().size());
    }

    private static Edge withheld(int bytes, int limit) {
        return new Edge.Document(null, Bytes.wrap(new DocumentLimit(limit).reason(bytes)));
    }

    @Test
    void one_byte_too_many_is_withheld_with_a_reason_and_the_marker_follows() {
        step.tidemark(1, 2);
        step.start();
        row(1, 1, 100);
        row(2, 1, 101);
        step.tick();

        assertThat(step.sent()).hasSize(3).last().isInstanceOf(Edge.Marker.class);
        assertThat(step.lastByKey().get(Bytes.wrap(StepDriver.key(1)))).isEqualTo(new Edge.Document(body(100)));
        assertThat(step.lastByKey().get(Bytes.wrap(StepDriver.key(2)))).isEqualTo(withheld(120, 119));
        assertThat(new String(new DocumentLimit(1_200_000).reason(1_234_567), StandardCharsets.UTF_8))
                .startsWith(
                        "the assembled document has 1,234,567 bytes with its key, and max-document-bytes of the read"
                                + " model is 1,200,000.");
    }

    @Test
    void it_is_sent_when_it_is_small_again_and_deleted_when_it_is_gone() {
        step.tidemark(1, 0);
        step.start();
        row(1, 2, 200);
        assertThat(sentAt(2)).startsWith(withheld(219, 119));
        row(1, 3, 300);
        assertThat(sentAt(3)).startsWith(withheld(319, 119));
        row(1, 4, 7);
        assertThat(sentAt(4)).startsWith(new Edge.Document(body(7)));
        row(1, 5, 200);
        row(2, 5, 200);
        assertThat(sentAt(5)).hasSize(3);
        row(1, 6, 0);
        assertThat(sentAt(6)).startsWith(new Edge.Document(null)).hasSize(2);
    }

    @Test
    void what_was_withheld_is_sent_by_a_start_that_allows_it_and_nothing_else_is() {
        step.tidemark(1, 0);
        step.start();
        row(1, 2, 200);
        row(2, 2, 300);
        row(3, 2, 1);
        assertThat(sentAt(2)).hasSize(4);
        step.start();
        assertThat(sentAt(3)).singleElement().isInstanceOf(Edge.Marker.class);

        step.startAs(rootOf(new DocumentLimit(219)));
        assertThat(sentAt(4)).hasSize(2).first().isEqualTo(new Edge.Document(body(200)));
        step.startAs(rootOf(new DocumentLimit(1_000)));
        assertThat(sentAt(5)).hasSize(2).first().isEqualTo(new Edge.Document(body(300)));
    }
}
