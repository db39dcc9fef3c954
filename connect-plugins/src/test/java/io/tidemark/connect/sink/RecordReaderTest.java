package io.tidemark.connect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.connect.converter.TidemarkConverter;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;

class RecordReaderTest {

    private static final Schema ROW = SchemaBuilder.struct()
            .name("s.public.orders.Value")
            .optional()
            .field("id", Schema.INT64_SCHEMA)
            .field("total", Decimal.builder(2).optional().build())
            .build();
    private static final Schema ENVELOPE = SchemaBuilder.struct()
            .name("s.public.orders.Envelope")
            .field("before", ROW)
            .field("after", ROW)
            .field(
                    "source",
                    SchemaBuilder.struct().field("table", Schema.STRING_SCHEMA).build())
            .field("op", Schema.STRING_SCHEMA)
            .build();
    private static final Schema KEY =
            SchemaBuilder.struct().field("id", Schema.INT64_SCHEMA).build();

    @Test
    void a_document_of_ours_is_fenced_by_its_position_and_its_text_stays_as_it_is() {
        Document document = written(documents().read(ours("{\"id\":1}", "{\"total\":1.10}", 7, 0)));
        assertThat(document.version()).isEqualTo(new Version(7, 0));
        assertThat(document.key()).isEqualTo(new RowKey("{\"id\":1}"));
        assertThat(document.content()).hasToString("{\"total\":1.10}");
    }

    @Test
    void a_marker_is_told_from_documents() {
        SinkRecord marker = record("\"__tidemark\"".getBytes(UTF_8), null);
        marker.headers().add("tidemark.applied", "42@0/16B3748".getBytes(UTF_8), null);
        assertThat(documents().read(marker)).isEqualTo(new Meaning.Marker(TidemarkRef.parse("42@0/16B3748")));
        assertThatThrownBy(() -> records(Map.of()).read(marker)).hasMessageContaining("input=documents");
    }

    @Test
    void a_document_that_was_too_large_is_refused_with_the_reason() {
        SinkRecord withheld = ours("{\"id\":1}", "", 7, 0);
        withheld.headers().add("tidemark.withheld", "it has 2000000 bytes".getBytes(UTF_8), null);
        assertThat(documents().read(withheld)).isEqualTo(new Meaning.Malformed("it has 2000000 bytes"));
    }

    @Test
    void topics_of_ours_need_read_committed_bytes_in_headers_and_exact_values() {
        SinkRecord record = ours("{\"id\":1}", "{}", 7, 0);
        assertThatThrownBy(() -> reader(Map.of("input", "documents")).read(record))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("consumer.override.isolation.level=read_committed");
        SinkRecord guessed = record("{\"id\":1}", "{}");
        guessed.headers().addString(Version.HEADER, "?");
        assertThatThrownBy(() -> documents().read(guessed)).hasMessageContaining("header.converter=");
        SinkRecord rounded = record("{\"id\":1}", envelope("c", Map.of("total", 1.1)));
        rounded.headers().add(Version.HEADER, new Version(7, 1).encode(), null);
        assertThatThrownBy(() -> records(Map.of()).read(rounded)).hasMessageContaining("value.converter=");
    }

    /** JsonConverter reads any integer into 64 bits, and says nothing of those that do not fit. */
    @Test
    void integers_of_topics_of_ours_come_from_a_converter_that_keeps_every_digit() {
        for (Object number : List.of(-6101065172474983726L, 5, 1.5f)) {
            SinkRecord wrapped = record("{\"id\":1}", envelope("c", Map.of("n", number)));
            wrapped.headers().add(Version.HEADER, new Version(7, 1).encode(), null);
            assertThatThrownBy(() -> records(Map.of()).read(wrapped)).hasMessageContaining("value.converter=");
        }
        for (Object key : List.of(Map.of("id", 1L), 1L)) {
            SinkRecord wrapped = record(key, "{\"op\":\"c\",\"source\":{},\"after\":{\"id\":1}}");
            wrapped.headers().add(Version.HEADER, new Version(7, 1).encode(), null);
            assertThatThrownBy(() -> records(Map.of()).read(wrapped)).hasMessageContaining("key.converter=");
        }
        SinkRecord exact = converted(
                "{\"id\":1}",
                "{\"op\":\"c\",\"source\":{},\"ts_ms\":7,\"after\":{\"n\":12345678901234567890,\"d\":1.10,\"i\":5}}");
        assertThat(written(records(Map.of()).read(exact)).content())
                .hasToString("{\"n\":12345678901234567890,\"d\":1.10,\"i\":5}");
    }

    /** As our own converter gives it without schemas. */
    private static SinkRecord converted(String key, String value) {
        TidemarkConverter converter = new TidemarkConverter();
        converter.configure(Map.of("schemas.enable", "false"), false);
        SinkRecord record = record(
                converter.toConnectData("t", key.getBytes(UTF_8)).value(),
                converter.toConnectData("t", value.getBytes(UTF_8)).value());
        record.headers().add(Version.HEADER, new Version(7, 1).encode(), null);
        return record;
    }

    @Test
    void a_change_of_ours_has_position_and_order_in_one_number_where_the_store_keeps_one() {
        String envelope = "{\"op\":\"u\",\"source\":{},\"before\":null,\"after\":{\"id\":1,\"v\":1.10}}";
        Document one = written(records(Map.of()).read(ours("{\"id\":1}", envelope, 7, 3)));
        assertThat(one.version()).isEqualTo(new Version((7L << 24) + 3, 0));
        assertThat(one.content()).hasToString("{\"id\":1,\"v\":1.10}");
        Document two = written(exact(READ_COMMITTED).read(ours("{\"id\":1}", envelope, 7, 3)));
        assertThat(two.version()).isEqualTo(new Version(7, 3));
        assertThatThrownBy(() -> records(Map.of()).read(ours("{\"id\":1}", envelope, 7, 1 << 24)))
                .hasMessageContaining("2^24");
    }

    @Test
    void other_records_are_fenced_by_the_offset_in_the_topic_they_came_from() {
        SinkRecord renamed = new SinkRecord(
                "elsewhere",
                0,
                null,
                Map.of("id", 1L),
                null,
                Map.of("v", "x"),
                5,
                null,
                TimestampType.CREATE_TIME,
                new ConnectHeaders(),
                "here",
                3,
                41);
        assertThat(written(records(Map.of()).read(renamed)).version()).isEqualTo(new Version(42, 0));
    }

    @Test
    void an_envelope_with_schemas_is_the_row_with_its_decimals() {
        Struct row = new Struct(ROW).put("id", 1L).put("total", new BigDecimal("1.10"));
        Document document = written(records(Map.of()).read(envelope("c", null, row)));
        assertThat(document.key()).isEqualTo(new RowKey("{\"id\":1}"));
        assertThat(document.content()).hasToString("{\"id\":1,\"total\":1.10}");
    }

    /** Struct.get gives the default of a column, and the source has null there. */
    @Test
    void null_in_a_column_with_a_default_is_null() {
        Schema schema = SchemaBuilder.struct()
                .field("id", Schema.INT64_SCHEMA)
                .field(
                        "status",
                        SchemaBuilder.string().optional().defaultValue("new").build())
                .build();
        Struct row = new Struct(schema).put("id", 1L).put("status", null);
        SinkRecord record = new SinkRecord("t", 0, KEY, new Struct(KEY).put("id", 1L), schema, row, 11);
        assertThat(written(records(Map.of()).read(record)).content()).hasToString("{\"id\":1,\"status\":null}");
    }

    @Test
    void deletes_are_deletes_in_every_form_they_come_in() {
        Struct row = new Struct(ROW).put("id", 1L);
        List<SinkRecord> deletes = List.of(
                envelope("d", row, null),
                record(Map.of("id", 1L), null),
                record(Map.of("id", 1L), envelope("d", null)),
                record(Map.of("id", 1L), Map.of("id", 1L, "__deleted", "true")),
                record("{\"id\":1}".getBytes(UTF_8), new byte[0]));
        assertThat(deletes).allSatisfy(delete -> {
            Document document = written(records(Map.of()).read(delete));
            assertThat(document.deletes()).isTrue();
            assertThat(document.key()).isEqualTo(new RowKey("{\"id\":1}"));
        });
        assertThat(records(Map.of("behavior.on.null.values", "ignore")).read(deletes.get(0)))
                .isEqualTo(new Meaning.Nothing());
        assertThat(records(Map.of("behavior.on.null.values", "fail")).read(deletes.get(0)))
                .isInstanceOf(Meaning.Malformed.class);
    }

    @Test
    void a_flattened_row_loses_the_mark_that_it_is_not_deleted() {
        Document document = written(records(Map.of())
                .read(record(Map.of("id", 1L), new HashMap<>(Map.of("v", "x", "__deleted", "false")))));
        assertThat(document.content()).hasToString("{\"v\":\"x\"}");
    }

    @Test
    void a_placeholder_of_a_large_value_is_never_written() {
        String placeholder = "__debezium_unavailable_value";
        List<Object> forms = List.of(
                placeholder,
                placeholder.getBytes(UTF_8),
                List.of(placeholder),
                Map.of(placeholder, placeholder),
                "{\"" + placeholder + "\":\"" + placeholder + "\"}",
                List.of(UUID.nameUUIDFromBytes(placeholder.getBytes(UTF_8)).toString()),
                placeholder.chars().boxed().toList());
        assertThat(forms).allSatisfy(form -> assertThat(
                        records(Map.of()).read(record(Map.of("id", 1L), envelope("u", Map.of("big", form)))))
                .isInstanceOfSatisfying(Meaning.Malformed.class, malformed -> assertThat(malformed.why())
                        .contains("'big'", "REPLICA IDENTITY FULL")));
    }

    @Test
    void what_is_no_document_is_malformed() {
        RecordReader reader = records(Map.of());
        assertThat(List.of(
                        record(null, Map.of("v", "x")),
                        record(Map.of(), Map.of("v", "x")),
                        record(Map.of("id", 1L), "no json".getBytes(UTF_8)),
                        record(Map.of("id", 1L), "[1]".getBytes(UTF_8)),
                        record(Map.of("id", 1L), envelope("m", null))))
                .allSatisfy(record -> assertThat(reader.read(record)).isInstanceOf(Meaning.Malformed.class));
    }

    @Test
    void keys_come_from_the_key_or_the_value_whole_or_in_part() {
        assertThat(key(Map.of(), "plain", Map.of())).isEqualTo(new RowKey("{\"key\":\"plain\"}"));
        assertThat(key(Map.of("primary.key.fields", "id"), 17, Map.of())).isEqualTo(new RowKey("{\"id\":17}"));
        assertThat(key(Map.of("primary.key.fields", "b"), Map.of("a", 1, "b", 2), Map.of()))
                .isEqualTo(new RowKey("{\"b\":2}"));
        assertThat(key(
                        Map.of("primary.key.mode", "record_value", "primary.key.fields", "b,a"),
                        null,
                        Map.of("a", 1, "b", 2)))
                .isEqualTo(new RowKey("{\"b\":2,\"a\":1}"));
    }

    @Test
    void a_tombstone_is_a_delete_by_the_records_key_where_that_has_the_fields_and_else_as_the_policy_says() {
        Map<String, String> config = Map.of("primary.key.mode", "record_value", "primary.key.fields", "id");
        Document deleted = written(records(config).read(record(Map.of("region", "eu", "id", 1L), null)));
        assertThat(deleted.deletes()).isTrue();
        assertThat(deleted.key()).isEqualTo(new RowKey("{\"id\":1}"));
        for (SinkRecord keyless : List.of(record(null, null), record(Map.of("order", 1L), null))) {
            assertThat(records(config).read(keyless))
                    .isInstanceOfSatisfying(Meaning.Malformed.class, malformed -> assertThat(malformed.why())
                            .contains("RecordIsTombstone"));
            Map<String, String> ignoring = new HashMap<>(config);
            ignoring.put("behavior.on.null.values", "ignore");
            assertThat(records(ignoring).read(keyless)).isEqualTo(new Meaning.Nothing());
            Map<String, String> failing = new HashMap<>(config);
            failing.put("behavior.on.null.values", "fail");
            assertThat(records(failing).read(keyless)).isInstanceOf(Meaning.Malformed.class);
        }
    }

    /** What JsonConverter with schemas writes, and nobody unpacked. */
    @Test
    void an_envelope_of_schema_and_payload_is_no_row() {
        String packed = "{\"schema\":{\"type\":\"struct\"},\"payload\":{\"id\":1}}";
        String bare = "{\"schema\":null,\"payload\":{\"id\":1}}";
        for (String text : List.of(packed, bare)) {
            assertThatThrownBy(() -> records(Map.of()).read(record("{\"id\":1}", text)))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("value.converter.schemas.enable=true");
            assertThatThrownBy(() -> records(Map.of()).read(record(text, "{\"id\":1}")))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("key.converter.schemas.enable=true");
        }
        Map<String, Object> map = Map.of("schema", Map.of("type", "int64"), "payload", 1L);
        assertThatThrownBy(() -> records(Map.of()).read(record("{\"id\":1}", map)))
                .hasMessageContaining("schemas.enable=true");
        String own = "{\"schema\":\"public\",\"payload\":1}";
        assertThat(written(records(Map.of()).read(record("{\"id\":1}", own))).content())
                .hasToString(own);
    }

    @Test
    void only_truncates_of_ours_are_applied_and_only_where_the_store_can() {
        String truncate = "{\"op\":\"t\",\"source\":{},\"before\":null,\"after\":null}";
        SinkRecord ours = ours("\"__truncate\"", truncate, 7, 3);
        RecordReader sql = exact(READ_COMMITTED);
        assertThat(written(sql.read(ours)).truncates()).isTrue();
        assertThat(records(Map.of()).read(ours)).isEqualTo(new Meaning.Truncate());
        assertThat(sql.read(record(null, envelope("t", null)))).isEqualTo(new Meaning.Truncate());
    }

    private static RowKey key(Map<String, String> config, Object key, Object value) {
        return written(records(config).read(record(key, value))).key();
    }

    private static Document written(Meaning meaning) {
        assertThat(meaning).isInstanceOf(Meaning.Write.class);
        return ((Meaning.Write) meaning).document();
    }

    private static final Map<String, String> READ_COMMITTED =
            Map.of("consumer.override.isolation.level", "read_committed");

    private static RecordReader documents() {
        Map<String, String> config = new HashMap<>(READ_COMMITTED);
        config.put("input", "documents");
        return reader(config);
    }

    private static RecordReader records(Map<String, String> config) {
        Map<String, String> all = new HashMap<>(READ_COMMITTED);
        all.putAll(config);
        return reader(all);
    }

    private static RecordReader reader(Map<String, String> config) {
        return reader(config, new MemoryStore(new TestClocks()));
    }

    /** As SQL is. */
    private static RecordReader exact(Map<String, String> config) {
        return reader(config, new MemoryStore(new TestClocks()).exact());
    }

    private static RecordReader reader(Map<String, String> config, TargetStore store) {
        ConfigDef def = SinkKeys.common(
                new ConfigDef().define("primary.key.fields", ConfigDef.Type.LIST, "", ConfigDef.Importance.LOW, ""));
        return new RecordReader(
                SinkSettings.of(new AbstractConfig(def, config, false)), store, "orders", "orders", true);
    }

    private static SinkRecord ours(String key, String value, long position, int order) {
        SinkRecord record = record(key.getBytes(UTF_8), value.getBytes(UTF_8));
        record.headers().add(Version.HEADER, new Version(position, order).encode(), null);
        return record;
    }

    private static SinkRecord record(Object key, Object value) {
        return new SinkRecord("shop.public.orders", 1, null, key, null, value, 11);
    }

    private static SinkRecord envelope(String op, Struct before, Struct after) {
        Struct envelope = new Struct(ENVELOPE)
                .put("op", op)
                .put("before", before)
                .put("after", after)
                .put("source", new Struct(ENVELOPE.field("source").schema()).put("table", "orders"));
        return new SinkRecord("t", 0, KEY, new Struct(KEY).put("id", 1L), ENVELOPE, envelope, 11);
    }

    private static Map<String, Object> envelope(String op, Object after) {
        Map<String, Object> envelope = new HashMap<>(Map.of("op", op, "source", Map.of("table", "orders")));
        envelope.put("before", null);
        envelope.put("after", after);
        return envelope;
    }

    @Test
    void numbers_keep_their_digits_on_the_way_to_json() {
        assertThat(Json.text(io.tidemark.connect.ConnectJson.of(
                        null, Map.of("n", new BigDecimal("12345678901234567890.120")))))
                .isEqualTo("{\"n\":12345678901234567890.120}");
    }
}
