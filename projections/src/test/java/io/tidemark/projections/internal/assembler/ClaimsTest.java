package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.projections.DocumentLimit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Documents that something else than the root's primary key tells apart: who has a key, and when that is said. */
class ClaimsTest {

    private static final Relation PRODUCTS = new Relation(
            TableId.parse("public.products"),
            List.of(new Column("id", "integer", 23, false), new Column("sku", "text", 25, false)),
            List.of("id"),
            List.of(),
            1);

    private static final Relation BY_SKU = PRODUCTS.keyedBy(List.of("sku"));
    private static final DocumentNode NODE = new DocumentNode(PRODUCTS, List.of("id"), List.of(), List.of());
    private static final int UPSTREAM = 2;

    private final StepNames names = new StepNames("products");
    private final StepDriver last = new StepDriver(
            List.of(names.state()),
            cuts -> new AssembleStep(
                    NODE,
                    names,
                    new StepOutput.Claimed(DocumentLimit.DEFAULT),
                    List.of(Edge.CLAIMS),
                    null,
                    UPSTREAM,
                    cuts));
    private TidemarkRef floor = TidemarkRef.NONE;

    /** Starts the last step at a floor that both partitions of the root have passed, with what is claimed below it. */
    private void startAt(long number) {
        floor = last.tidemark(number, 0);
        last.start();
    }

    private static byte[] sku(String sku) {
        return ("{\"sku\":\"" + sku + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    private static Bytes document(int id) {
        return Bytes.wrap(("{\"id\":" + id + "}").getBytes(StandardCharsets.UTF_8));
    }

    private void claim(long position, String sku, int row) {
        last.process(
                sku(sku),
                new Edge.Claim(
                        new Version(position, Integer.MAX_VALUE), Bytes.wrap(StepDriver.key(row)), document(row)));
    }

    private void leave(long position, String sku, int row) {
        last.process(
                sku(sku),
                new Edge.Claim(new Version(position, Integer.MAX_VALUE), Bytes.wrap(StepDriver.key(row)), null));
    }

    private void passed(TidemarkRef tidemark, int partition) {
        last.process(new byte[0], new Edge.Marker(Edge.CLAIMS, tidemark, floor, partition));
    }

    /** What is sent when both partitions have passed a tidemark. */
    private List<String> passed(TidemarkRef tidemark) {
        int before = last.sent().size();
        passed(tidemark, 0);
        passed(tidemark, 1);
        last.tick();
        List<String> sent = new ArrayList<>();
        for (Edge edge : last.sent().subList(before, last.sent().size())) {
            sent.add(edge instanceof Edge.Document document ? text(document.body()) : "marker");
        }
        return sent;
    }

    private static String text(@Nullable Bytes body) {
        return body == null ? "deleted" : new String(body.get(), StandardCharsets.UTF_8);
    }

    private @Nullable String has(String sku) {
        Edge sent = last.lastByKey().get(Bytes.wrap(sku(sku)));
        return sent == null ? null : text(((Edge.Document) sent).body());
    }

    @Test
    void two_rows_that_change_keys_are_each_sent_once_under_the_key_they_have_then() {
        startAt(1);
        claim(1, "x", 1);
        claim(1, "y", 2);
        assertThat(passed(floor)).containsExactlyInAnyOrder("{\"id\":1}", "{\"id\":2}", "marker");

        leave(5, "x", 1);
        claim(5, "y", 1);
        leave(5, "y", 2);
        claim(5, "x", 2);

        assertThat(passed(last.tidemark(5, 0))).hasSize(3).last().isEqualTo("marker");
        assertThat(has("x")).isEqualTo("{\"id\":2}");
        assertThat(has("y")).isEqualTo("{\"id\":1}");
    }

    @Test
    void a_row_that_leaves_a_key_late_takes_nothing_from_the_row_that_has_it_since() {
        startAt(1);
        claim(1, "x", 1);
        passed(floor);

        // Row 2 is in another partition, which is ahead of row 1's.
        TidemarkRef five = last.tidemark(5, 0);
        TidemarkRef six = last.tidemark(6, 0);
        claim(6, "x", 2);
        passed(six, 1);
        last.tick();
        assertThat(has("x")).isEqualTo("{\"id\":1}");
        leave(5, "x", 1);
        passed(five, 0);
        last.tick();
        assertThat(has("x")).as("at 5 nobody has it").isEqualTo("deleted");
        passed(six, 0);
        last.tick();
        assertThat(has("x")).isEqualTo("{\"id\":2}");
    }

    @Test
    void below_the_floor_the_order_in_which_partitions_are_read_does_not_count() {
        startAt(9);
        claim(9, "x", 2);
        leave(9, "x", 1);
        claim(9, "y", 1);
        leave(9, "y", 1);
        assertThat(passed(floor)).containsExactly("{\"id\":2}", "marker");
        assertThat(has("y")).isNull();
    }

    @Test
    void a_key_nobody_has_any_more_is_deleted_once_and_may_come_back() {
        startAt(1);
        claim(1, "x", 1);
        passed(floor);
        leave(2, "x", 1);
        assertThat(passed(last.tidemark(2, 0))).containsExactly("deleted", "marker");
        leave(3, "x", 1);
        assertThat(passed(last.tidemark(3, 0))).containsExactly("marker");
        claim(4, "x", 7);
        last.start();
        assertThat(passed(last.tidemark(4, 0))).containsExactly("{\"id\":7}", "marker");
    }

    @Test
    void without_the_constraint_the_row_that_changed_last_has_the_key() {
        startAt(1);
        claim(5, "x", 1);
        claim(4, "x", 2);
        assertThat(passed(last.tidemark(5, 0))).containsExactly("{\"id\":1}", "marker");
        leave(6, "x", 1);
        assertThat(passed(last.tidemark(6, 0))).containsExactly("{\"id\":2}", "marker");
    }

    /** It reads no topic of its own, so nothing else would end it: it would stand still for ever. */
    @Test
    void a_step_that_hears_of_no_tidemarks_any_more_fails() {
        startAt(1);
        claim(1, "x", 1);
        passed(floor);
        last.stopFollowing();
        assertThatThrownBy(last::tick).hasMessageContaining("can no longer be followed");
    }

    private StepDriver root() {
        return new StepDriver(
                List.of(names.state()),
                cuts -> new AssembleStep(
                        NODE, names, new StepOutput.ByKey(BY_SKU), List.of(), StepDriver.TOPIC, 1, cuts));
    }

    @Test
    void the_root_tells_the_key_a_row_had_and_the_key_it_has() {
        StepDriver root = root();
        root.tidemark(1, 0);
        root.start();
        root.process(StepDriver.key(1), row(2, "x"));
        root.process(StepDriver.key(1), row(3, "y"));
        root.process(StepDriver.key(1), new Edge.Row(new Version(4, 0), null));
        TidemarkRef covered = root.tidemark(4, 0);
        root.tick();

        assertThat(root.sent())
                .as("position by position, whatever the tidemark covers")
                .containsExactly(
                        claimOf(2, document(1)),
                        claimOf(3, null),
                        claimOf(3, document(1)),
                        claimOf(4, null),
                        new Edge.Marker(Edge.CLAIMS, covered, new TidemarkRef(1, new Lsn(1)), 0));
        assertThat(root.lastByKey()).containsKeys(Bytes.wrap(sku("x")), Bytes.wrap(sku("y")));
    }

    private static Edge claimOf(long position, @Nullable Bytes document) {
        return new Edge.Claim(new Version(position, Integer.MAX_VALUE), Bytes.wrap(StepDriver.key(1)), document);
    }

    /** A start is not: the row stays in the topic, whatever the column is called by then. */
    @Test
    void a_row_without_a_key_stops_the_read_model_unless_it_is_older_than_the_floor_and_does_so_at_every_start() {
        StepDriver root = root();
        root.tidemark(3, 2);
        root.start();
        root.process(StepDriver.key(1), row(3, null));
        root.process(StepDriver.key(1), row(3, "x"));
        root.tick();
        root.process(StepDriver.key(1), row(6, null));
        root.tidemark(6, 0);
        for (int starts = 0; starts < 2; starts++) {
            assertThatThrownBy(root::tick)
                    .hasMessageContaining("A row of public.products has no value in sku")
                    .isInstanceOfSatisfying(TidemarkException.class, thrown -> assertThat(thrown.code())
                            .isEqualTo(ErrorCode.FAILED));
            root.start();
        }
        assertThat(root.lastByKey().get(Bytes.wrap(sku("x"))))
                .isEqualTo(new Edge.Claim(new Version(3, 0), Bytes.wrap(StepDriver.key(1)), document(1)));
    }

    private static Edge.Row row(long position, @Nullable String sku) {
        String value = sku == null ? "null" : "\"" + sku + "\"";
        return new Edge.Row(
                new Version(position, 0),
                Bytes.wrap(("{\"id\":1,\"sku\":" + value + "}").getBytes(StandardCharsets.UTF_8)));
    }
}
