package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Version;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Reference;
import io.tidemark.model.definition.SortColumn;
import io.tidemark.model.filter.RowFilter;
import io.tidemark.projections.DocumentLimit;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

/** A column that a definition looks at, and that rows have no more. */
class NeededColumnsTest {

    private static final Relation ORDERS = relation("orders");
    private static final DocumentNode CUSTOMER =
            new DocumentNode(relation("customers"), List.of("name"), List.of(), List.of());

    private final StepNames names = new StepNames("orders");

    private static Relation relation(String table) {
        return new Relation(
                new TableId("public", table),
                List.of(new Column("id", "integer", 23, false)),
                List.of("id"),
                List.of(),
                1);
    }

    @Test
    void of_every_table_they_are_its_fields_joins_orders_aggregates_and_the_key() {
        Children lines = new Children(
                "lines",
                List.of("order_id"),
                List.of(SortColumn.ascending("line_no")),
                Children.ALL,
                true,
                List.of(
                        new Aggregate("sum", Aggregate.Function.SUM, "price"),
                        new Aggregate("lines_count", Aggregate.Function.COUNT, null)),
                new DocumentNode(relation("lines"), List.of("quantity"), List.of(), List.of()));
        DocumentNode root = new DocumentNode(
                ORDERS,
                List.of("total"),
                List.of(new Reference("customer", List.of("customer_id"), CUSTOMER)),
                List.of(lines));

        NeededColumns needed = NeededColumns.of(new DocumentModel("orders", root, List.of("number")));

        assertThat(needed.of(ORDERS.table())).containsExactly("customer_id", "number", "total");
        assertThat(needed.of(new TableId("public", "lines")))
                .containsExactly("id", "line_no", "order_id", "price", "quantity");
        assertThat(needed.of(new TableId("public", "customers"))).containsExactly("name");
        assertThat(needed.of(new TableId("public", "others"))).isEmpty();
    }

    @Test
    void a_row_says_which_it_lacks_and_null_is_a_value() {
        assertThat(read("{\"id\":1,\"name\":null}", "u").lacks()).containsExactly("tier");
        assertThat(read("{\"id\":1,\"name\":null,\"tier\":2}", "c").lacks()).isEmpty();
        assertThat(read("null", "d").lacks()).as("it is gone").isEmpty();
    }

    private static Edge.Row read(String after, String op) {
        var context = context();
        RowReader reader = new RowReader(Set.of("name", "tier"));
        reader.init(context);
        RecordHeaders headers = new RecordHeaders();
        headers.add(Version.HEADER, new Version(7, 0).encode());
        byte[] envelope = ("{\"op\":\"" + op + "\",\"after\":" + after + "}").getBytes(StandardCharsets.UTF_8);
        reader.process(new Record<>(StepDriver.key(1), envelope, 0, headers));
        return (Edge.Row) context.forwarded().get(0).record().value();
    }

    private static MockProcessorContext<byte[], Edge> context() {
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, "driven");
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1");
        return new MockProcessorContext<>(config, new TaskId(0, 0), new File("target"));
    }

    private StepDriver step() {
        return new StepDriver(
                List.of(names.state()),
                cuts -> new AssembleStep(
                        CUSTOMER,
                        names,
                        new StepOutput.Root(DocumentLimit.DEFAULT),
                        List.of(),
                        StepDriver.TOPIC,
                        1,
                        cuts));
    }

    /** A later start is no later floor: whatever tidemarks there are by then, the row stays in the topic. */
    @Test
    void a_row_without_one_is_older_than_the_column_up_to_the_first_start_and_stops_every_later_one() {
        StepDriver step = step();
        step.tidemark(3, 2);
        step.start();
        step.process(StepDriver.key(1), new Edge.Row(new Version(2, 0), text("{}"), List.of("name")));
        step.process(StepDriver.key(2), new Edge.Row(new Version(3, 0), text("{\"name\":\"Ann\"}")));
        step.tick();
        assertThat(step.lastByKey().get(Bytes.wrap(StepDriver.key(1))))
                .isEqualTo(new Edge.Document(text("{\"name\":null}")));

        step.process(StepDriver.key(2), new Edge.Row(new Version(5, 0), text("{}"), List.of("name")));
        step.tidemark(5, 0);
        step.tidemark(9, 0);
        int sent = step.sent().size();
        for (int starts = 0; starts < 3; starts++) {
            assertThatThrownBy(step::tick)
                    .hasMessageContaining("Rows of public.customers have no column 'name' any more")
                    .isInstanceOfSatisfying(TidemarkException.class, thrown -> assertThat(thrown.code())
                            .isEqualTo(ErrorCode.FAILED));
            step.start();
        }
        assertThat(step.sent()).as("nothing of it, and no marker").hasSize(sent);
    }

    @Test
    void a_row_that_is_absent_for_want_of_a_filters_column_still_says_what_it_lacks() {
        FilteredRows filtered = new FilteredRows(filtered(new RowFilter.Not(new RowFilter.IsNull("tier"))));
        var context = context();
        filtered.init(context);
        Version version = new Version(7, 0);
        filtered.process(new Record<>(
                StepDriver.key(1),
                new Edge.Row(version, text("{\"name\":1}"), List.of("tier")),
                0,
                new RecordHeaders()));

        assertThat(context.forwarded().get(0).record().value()).isEqualTo(new Edge.Row(version, null, List.of("tier")));
        assertThat(NeededColumns.of(new DocumentModel("m", filtered(new RowFilter.IsNull("tier"))))
                        .of(ORDERS.table()))
                .containsExactly("id", "tier");
    }

    private static DocumentNode filtered(RowFilter where) {
        return new DocumentNode(ORDERS, List.of(), List.of(), List.of(), List.of(), where);
    }

    private static Bytes text(String json) {
        return Bytes.wrap(json.getBytes(StandardCharsets.UTF_8));
    }
}
