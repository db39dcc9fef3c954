package io.tidemark.connect.transforms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.transforms.predicates.Predicate;
import org.junit.jupiter.api.Test;

class TransformsTest {

    private static final String UNKNOWN = "__debezium_unavailable_value";
    private static final String EVENT = "{\"aggregate_id\":17,\"type\":\"OrderPlaced\",\"payload\":{\"total\":1.10}}";

    @Test
    void unchanged_values_are_taken_out_of_rows_and_named() {
        FillUnchanged<SinkRecord> fill = new FillUnchanged<>();
        fill.configure(Map.of());
        SinkRecord struct = fill.apply(Records.struct("u", Records.row("a@b", UNKNOWN), "false"));
        Struct after = ((Struct) struct.value()).getStruct("after");
        after.validate();
        assertThat(after.schema().field("notes")).isNull();
        assertThat(after.getString("email")).isEqualTo("a@b");
        assertThat(struct.headers().lastWithName("tidemark.unchanged").value()).isEqualTo("notes");
        SinkRecord map = fill.apply(Records.map(
                "u", Map.of("id", 1L, "a", UNKNOWN.getBytes(UTF_8), "b", List.of(UNKNOWN), "c", "x"), "false"));
        assertThat(((Map<?, ?>) map.value()).get("after")).isEqualTo(Map.of("id", 1L, "c", "x"));
        assertThat(map.headers().lastWithName("tidemark.unchanged").value()).isEqualTo("a,b");
    }

    @Test
    void rows_of_their_own_lose_them_too_and_everything_else_passes() {
        FillUnchanged<SinkRecord> fill = new FillUnchanged<>();
        fill.configure(Map.of("unavailable.value.placeholder", "?"));
        SinkRecord flat = new SinkRecord("t", 0, null, null, Records.ROW, Records.row("?", "n"), 3);
        assertThat(((Struct) fill.apply(flat).value()).schema().field("email")).isNull();
        SinkRecord whole = Records.struct("u", Records.row("a@b", UNKNOWN), "false");
        assertThat(fill.apply(whole)).isSameAs(whole);
        SinkRecord tombstone = Records.tombstone();
        assertThat(fill.apply(tombstone)).isSameAs(tombstone);
    }

    @Test
    void null_in_a_column_with_a_default_stays_null_beside_an_unchanged_value() {
        Schema defaults = SchemaBuilder.string().optional().defaultValue("new").build();
        Schema row = SchemaBuilder.struct()
                .field("status", defaults)
                .field(
                        "odd",
                        SchemaBuilder.string().optional().defaultValue(UNKNOWN).build())
                .field("notes", Schema.OPTIONAL_STRING_SCHEMA)
                .build();
        Schema envelope = SchemaBuilder.struct()
                .field("op", Schema.STRING_SCHEMA)
                .field("source", Records.SOURCE)
                .field("after", row)
                .field("comment", defaults)
                .build();
        Struct given = new Struct(row).put("notes", UNKNOWN);
        Struct like = (Struct) Records.struct("u", null, "false").value();
        Struct change = new Struct(envelope)
                .put("op", "u")
                .put("source", like.getStruct("source"))
                .put("after", given);
        FillUnchanged<SinkRecord> fill = new FillUnchanged<>();
        fill.configure(Map.of());
        Struct flat = (Struct)
                fill.apply(new SinkRecord("t", 0, null, null, row, given, 3)).value();
        Struct filled = (Struct) fill.apply(new SinkRecord("t", 0, null, null, envelope, change, 3))
                .value();
        assertThat(filled.getWithoutDefault("comment")).isNull();
        assertThat(List.of(flat, filled.getStruct("after"))).allSatisfy(left -> {
            assertThat(left.schema().fields()).extracting(Field::name).containsExactly("status", "odd");
            assertThat(left.getWithoutDefault("status")).isNull();
            assertThat(left.getWithoutDefault("odd")).isNull();
        });
    }

    @Test
    void a_logical_message_is_an_event_with_schemas_and_without() {
        Schema message = SchemaBuilder.struct()
                .field("prefix", Schema.STRING_SCHEMA)
                .field("content", Schema.BYTES_SCHEMA)
                .build();
        Schema schema = SchemaBuilder.struct()
                .field("op", Schema.STRING_SCHEMA)
                .field("message", message)
                .build();
        Struct value = new Struct(schema)
                .put("op", "m")
                .put("message", new Struct(message).put("prefix", "orders").put("content", EVENT.getBytes(UTF_8)));
        String base64 = Base64.getEncoder().encodeToString(EVENT.getBytes(UTF_8));
        Map<String, Object> map = Map.of("op", "m", "message", Map.of("prefix", "orders", "content", base64));
        assertThat(List.of(
                        new SinkRecord("s.message", 0, null, null, schema, value, 3),
                        new SinkRecord("s.message", 0, null, null, null, map, 3)))
                .allSatisfy(record -> {
                    SinkRecord event = decode(
                                    Map.of("topic.format", "events.${prefix}.${type}", "header.fields", "type,none"))
                            .apply(record);
                    assertThat(event.topic()).isEqualTo("events.orders.OrderPlaced");
                    assertThat(event.key()).isEqualTo("17");
                    assertThat(event.value()).isEqualTo("{\"total\":1.10}");
                    assertThat(event.headers().lastWithName("type").value()).isEqualTo("OrderPlaced");
                    assertThat(event.headers().lastWithName("none")).isNull();
                });
    }

    @Test
    void messages_that_are_no_events_are_told_and_other_records_pass() {
        Map<String, Object> none = new HashMap<>(Map.of("prefix", "orders"));
        none.put("content", null);
        assertThatThrownBy(() -> decode(Map.of()).apply(message(none))).isInstanceOf(DataException.class);
        assertThatThrownBy(() -> decode(Map.of()).apply(message(Map.of("prefix", "orders", "content", "bm8="))))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("'orders'");
        SinkRecord other = message(Map.of("prefix", "audit", "content", "bm8="));
        assertThat(decode(Map.of("prefixes", "orders")).apply(other)).isSameAs(other);
        SinkRecord row = Records.struct("u", Records.row("a@b", "n"), "false");
        assertThat(decode(Map.of()).apply(row)).isSameAs(row);
        SinkRecord tombstone = Records.tombstone();
        assertThat(decode(Map.of()).apply(tombstone)).isSameAs(tombstone);
    }

    @Test
    void predicates_tell_snapshots_truncates_and_tables() {
        SinkRecord read = Records.struct("r", Records.row("a", "b"), "first");
        SinkRecord change = Records.map("u", Map.of("id", 1L), "false");
        SinkRecord truncate = Records.map("t", null, null);
        Predicate<SinkRecord> snapshot = new IsSnapshot<>();
        assertThat(List.of(read, change, truncate, Records.tombstone()))
                .extracting(snapshot::test)
                .containsExactly(true, false, false, false);
        Predicate<SinkRecord> truncated = new IsTruncate<>();
        assertThat(List.of(read, change, truncate, Records.tombstone()))
                .extracting(truncated::test)
                .containsExactly(false, false, true, false);
        TableMatches<SinkRecord> table = new TableMatches<>();
        table.configure(Map.of("pattern", "public\\.(customers|orders)"));
        assertThat(List.of(read, change, Records.tombstone())).allMatch(table::test);
        assertThat(table.test(new SinkRecord("s.public.items", 0, null, null, null, null, 3)))
                .isFalse();
        assertThatThrownBy(() -> table.configure(Map.of("pattern", "("))).isInstanceOf(ConfigException.class);
    }

    @Test
    void a_table_is_named_by_its_database_where_there_are_no_schemas() {
        TableMatches<SinkRecord> table = new TableMatches<>();
        table.configure(Map.of("pattern", "shop\\.orders"));
        Map<String, Object> mysql = Map.of("op", "c", "source", Map.of("db", "shop", "table", "orders"));
        assertThat(table.test(new SinkRecord("x", 0, null, null, null, mysql, 3)))
                .isTrue();
        Map<String, Object> flat = Map.of("id", 1, "__db", "shop", "__table", "orders");
        assertThat(table.test(new SinkRecord("x", 0, null, null, null, flat, 3)))
                .isTrue();
        Map<String, Object> postgres =
                Map.of("op", "c", "source", Map.of("db", "x", "schema", "shop", "table", "orders"));
        assertThat(table.test(new SinkRecord("x", 0, null, null, null, postgres, 3)))
                .isTrue();
    }

    /** A predicate that does not see is a mask that does not run. */
    @Test
    void a_value_that_was_not_read_into_fields_does_not_say_its_table() {
        TableMatches<SinkRecord> table = new TableMatches<>();
        table.configure(Map.of("pattern", "shop\\.orders"));
        SinkRecord bytes = new SinkRecord("x", 0, null, null, null, "{}".getBytes(UTF_8), 3);
        assertThatThrownBy(() -> table.test(bytes)).isInstanceOf(DataException.class);
    }

    @Test
    void placeholders_are_found_in_every_form_debezium_gives_them() {
        FillUnchanged<SinkRecord> fill = new FillUnchanged<>();
        fill.configure(Map.of());
        byte[] bytes = UNKNOWN.getBytes(UTF_8);
        List<Object> forms = List.of(
                UNKNOWN,
                bytes,
                ByteBuffer.wrap(bytes),
                Base64.getEncoder().encodeToString(bytes),
                HexFormat.of().formatHex(bytes),
                List.of(UNKNOWN),
                List.of(ByteBuffer.wrap(bytes)),
                UNKNOWN.chars().boxed().toList(),
                UNKNOWN.chars().mapToObj(letter -> (long) letter).toList(),
                List.of(UUID.nameUUIDFromBytes(bytes).toString()),
                Map.of(UNKNOWN, UNKNOWN),
                "{\"" + UNKNOWN + "\":\"" + UNKNOWN + "\"}");
        assertThat(forms).allSatisfy(form -> {
            SinkRecord map = fill.apply(Records.map("u", Map.of("id", 1L, "big", form), "false"));
            assertThat(((Map<?, ?>) map.value()).get("after")).isEqualTo(Map.of("id", 1L));
        });
        FillUnchanged<SinkRecord> hex = new FillUnchanged<>();
        hex.configure(Map.of("unavailable.value.placeholder", "hex:3f21"));
        SinkRecord map = hex.apply(Records.map("u", Map.of("id", 1L, "big", "?!"), "false"));
        assertThat(((Map<?, ?>) map.value()).get("after")).isEqualTo(Map.of("id", 1L));
    }

    private static SinkRecord message(Map<String, Object> message) {
        return new SinkRecord("s.message", 0, null, null, null, Map.of("op", "m", "message", message), 3);
    }

    private static DecodeLogicalMessage<SinkRecord> decode(Map<String, String> config) {
        DecodeLogicalMessage<SinkRecord> transform = new DecodeLogicalMessage<>();
        transform.configure(config);
        return transform;
    }
}
