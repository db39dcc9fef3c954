package io.tidemark.connect.transforms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ColumnRule;
import io.tidemark.model.ColumnRules;
import io.tidemark.model.Json;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;

class MaskFieldsTest {

    private static final String PATHS = "after.email,after.home.city,after.others.number";

    @Test
    void fields_with_schemas_are_masked_nested_and_in_lists_and_the_record_that_came_stays() {
        SinkRecord given = Records.struct("u", Records.row("a@b", "n"), "false");
        SinkRecord masked = value(Map.of("fields", PATHS)).apply(given);
        Struct after = ((Struct) masked.value()).getStruct("after");
        after.validate();
        assertThat(after.getString("email")).isEqualTo("***");
        assertThat(after.getStruct("home").getString("city")).isEqualTo("***");
        assertThat(after.getStruct("home").getInt32("number")).isEqualTo(3);
        assertThat(after.<Struct>getArray("others"))
                .extracting(each -> each.get("number"))
                .containsExactly("***", null);
        assertThat(after.schema().name()).isEqualTo("s.public.customers.Value");
        assertThat(masked.valueSchema()).isSameAs(((Struct) masked.value()).schema());
        assertThat(((Struct) given.value()).getStruct("after").getString("email"))
                .isEqualTo("a@b");
    }

    @Test
    void fields_without_schemas_are_masked_and_null_stays_null() {
        Map<String, Object> row =
                new HashMap<>(Map.of("id", 1L, "home", Map.of("city", "Bern"), "others", List.of(Map.of("number", 4))));
        row.put("email", null);
        SinkRecord masked = value(Map.of("fields", PATHS)).apply(Records.map("u", row, "false"));
        Map<?, ?> after = (Map<?, ?>) ((Map<?, ?>) masked.value()).get("after");
        assertThat(after.get("email")).isNull();
        assertThat(after.get("home")).isEqualTo(Map.of("city", "***"));
        assertThat(after.get("others")).isEqualTo(List.of(Map.of("number", "***")));
    }

    @Test
    void dropped_fields_are_gone_from_value_and_schema() {
        SinkRecord dropped = value(Map.of("fields", "after.email", "mode", "drop"))
                .apply(Records.struct("u", Records.row("a@b", "n"), "false"));
        assertThat(((Struct) dropped.value()).getStruct("after").schema().field("email"))
                .isNull();
        SinkRecord map = value(Map.of("fields", "after.email", "mode", "drop"))
                .apply(Records.map("u", Map.of("id", 1L, "email", "a@b"), "false"));
        assertThat(((Map<?, ?>) map.value()).get("after")).isEqualTo(Map.of("id", 1L));
    }

    @Test
    void a_hash_of_text_is_that_of_captures_own_rule() {
        SinkRecord hashed = value(Map.of("fields", "after.email", "mode", "hash", "hash.key", "k"))
                .apply(Records.struct("u", Records.row("a@b", "n"), "false"));
        var row = Json.object().put("email", "a@b");
        TableId table = new TableId("public", "customers");
        new ColumnRules(Map.of(table, Map.of("email", new ColumnRule.Hash(new Secret("k"))))).applyTo(table, row);
        assertThat(((Struct) hashed.value()).getStruct("after").getString("email"))
                .isEqualTo(row.path("email").textValue())
                .matches("[0-9a-f]{64}");
    }

    @Test
    void keys_are_masked_too() {
        MaskFields.Key<SinkRecord> key = new MaskFields.Key<>();
        key.configure(Map.of("fields", "id"));
        assertThat(key.apply(Records.tombstone()).key()).isEqualTo(Map.of("id", "***"));
        SinkRecord plain = new SinkRecord("t", 0, Schema.STRING_SCHEMA, "k", null, null, 3);
        assertThat(key.apply(plain).key()).isEqualTo("k");
    }

    @Test
    void tombstones_pass_and_so_does_what_has_none_of_the_fields() {
        SinkRecord tombstone = Records.tombstone();
        assertThat(value(Map.of("fields", "email")).apply(tombstone)).isSameAs(tombstone);
        SinkRecord deleted = Records.struct("d", null, "false");
        assertThat(((Struct) value(Map.of("fields", PATHS)).apply(deleted).value()).get("after"))
                .isNull();
    }

    @Test
    void a_field_that_is_named_beside_one_within_it_goes_as_a_whole() {
        for (String paths : List.of("after.home,after.home.city", "after.home.city,after.home")) {
            SinkRecord dropped = value(Map.of("fields", paths, "mode", "drop"))
                    .apply(Records.map("u", Map.of("id", 1L, "home", Map.of("city", "Bern", "number", 3)), "false"));
            assertThat(((Map<?, ?>) dropped.value()).get("after")).isEqualTo(Map.of("id", 1L));
        }
    }

    /** Passed, the fields would be there for all to read. */
    @Test
    void what_may_have_the_fields_but_was_not_read_into_fields_is_refused() {
        byte[] json = "{\"after\":{\"email\":\"a@b\"}}".getBytes(UTF_8);
        for (Object unread : List.of(json, ByteBuffer.wrap(json), " " + new String(json, UTF_8), "[1]")) {
            SinkRecord record = new SinkRecord("t", 0, null, null, null, unread, 3);
            assertThatThrownBy(() -> value(Map.of("fields", PATHS)).apply(record))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("schemas.enable=false");
        }
        SinkRecord within = Records.map("u", Map.of("home", "{\"city\":\"Bern\"}"), "false");
        assertThatThrownBy(() -> value(Map.of("fields", PATHS)).apply(within)).isInstanceOf(DataException.class);
        SinkRecord plain = new SinkRecord("t", 0, null, null, null, "no fields", 3);
        assertThat(value(Map.of("fields", PATHS)).apply(plain).value()).isEqualTo("no fields");
    }

    @Test
    void null_in_a_field_with_a_default_stays_null() {
        Schema text = SchemaBuilder.string().optional().defaultValue("new").build();
        Schema schema = SchemaBuilder.struct()
                .field("status", text)
                .field("other", text)
                .field("required", SchemaBuilder.string().defaultValue("x").build())
                .build();
        SinkRecord given = new SinkRecord("t", 0, null, null, schema, new Struct(schema), 3);
        for (Map<String, String> mode : List.of(Map.of("mode", "mask"), Map.of("mode", "hash", "hash.key", "k"))) {
            Map<String, String> config = new HashMap<>(mode);
            config.put("fields", "status,required");
            Struct masked = (Struct) value(config).apply(given).value();
            masked.validate();
            assertThat(masked.schema().fields())
                    .extracting(field -> masked.getWithoutDefault(field.name()))
                    .containsExactly(null, null, null);
        }
    }

    /** Hashed, it would be written over the hash of the value that the source still has. */
    @Test
    void a_placeholder_of_a_large_value_is_a_placeholder_behind_the_mask_too() {
        String placeholder = "__debezium_unavailable_value";
        FillUnchanged<SinkRecord> fill = new FillUnchanged<>();
        fill.configure(Map.of());
        MaskFields.Value<SinkRecord> hash = value(Map.of("fields", "after.notes", "mode", "hash", "hash.key", "k"));
        SinkRecord struct = Records.struct("u", Records.row("a@b", placeholder), "false");
        assertThat(((Struct) hash.apply(struct).value()).getStruct("after").get("notes"))
                .isEqualTo(placeholder);
        for (SinkRecord filled : List.of(fill.apply(hash.apply(struct)), hash.apply(fill.apply(struct)))) {
            assertThat(filled.headers().lastWithName("tidemark.unchanged").value())
                    .isEqualTo("notes");
            assertThat(((Struct) filled.value()).getStruct("after").schema().field("notes"))
                    .isNull();
        }
        for (Object form :
                List.of(placeholder.getBytes(UTF_8), List.of(placeholder), Map.of(placeholder, placeholder))) {
            SinkRecord map = Records.map("u", Map.of("id", 1L, "notes", form), "false");
            assertThat(((Map<?, ?>) fill.apply(hash.apply(map)).value()).get("after"))
                    .isEqualTo(Map.of("id", 1L));
        }
    }

    /** Its text begins as JSON's objects do, which may have the fields. */
    @Test
    void a_placeholder_in_the_place_of_what_has_the_fields_passes() {
        String text = "{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}";
        SinkRecord map = Records.map("u", Map.of("id", 1L, "home", text), "false");
        assertThat(((Map<?, ?>) value(Map.of("fields", PATHS)).apply(map).value()).get("after"))
                .isEqualTo(Map.of("id", 1L, "home", text));
    }

    @Test
    void a_hash_needs_a_key() {
        assertThatThrownBy(() -> value(Map.of("fields", "a", "mode", "hash")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("hash.key");
    }

    private static MaskFields.Value<SinkRecord> value(Map<String, String> config) {
        MaskFields.Value<SinkRecord> transform = new MaskFields.Value<>();
        transform.configure(config);
        return transform;
    }
}
