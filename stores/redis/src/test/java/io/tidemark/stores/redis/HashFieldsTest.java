package io.tidemark.stores.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HashFieldsTest {

    private static final RowKey KEY = new RowKey("{\"id\":17}");

    private static Map<String, String> fields(ObjectNode body) {
        List<String> encoded = HashFields.encode(KEY, new Version(42, 0), 3, body);
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < encoded.size(); i += 2) {
            fields.put(encoded.get(i), encoded.get(i + 1));
        }
        return fields;
    }

    private static ObjectNode body(String json) {
        return Json.parseObject(json);
    }

    @Test
    void scalars_are_text_nested_values_json_and_null_has_no_field() {
        assertThat(fields(body("""
                        {"id": 17, "status": "new", "total": 12.50, "paid": true, "note": null,
                         "customer": {"name": "Ada"}, "lines": [{"n": 1}], "left": []}""")))
                .isEqualTo(Map.of(
                        "_tidemark", "42",
                        "_tidemark_generation", "3",
                        "_tidemark_key", "{\"id\":17}",
                        "id", "17",
                        "status", "new",
                        "total", "12.50",
                        "paid", "true",
                        "customer", "{\"name\":\"Ada\"}",
                        "lines", "[{\"n\":1}]",
                        "left", "[]"));
    }

    @Test
    void text_that_could_be_json_is_named() {
        assertThat(fields(body("{\"code\": \"7\", \"zip\": \"007\", \"b\": \"true\"}")))
                .containsEntry("code", "7")
                .containsEntry("zip", "007")
                .containsEntry("_tidemark_text", "[\"code\",\"b\"]");
    }

    @Test
    void whatever_was_written_is_read_back_the_same() {
        for (String value : List.of(
                "null",
                "0",
                "-0.10",
                "1.10",
                "123456789012345678901234567890.5",
                "true",
                "false",
                "{}",
                "[]",
                "[null]",
                "\"\"",
                "\" \"",
                "\"null\"",
                "\"7\"",
                "\" 7\"",
                "\"007\"",
                "\"true\"",
                "\"[]\"",
                "\"{\\\"a\\\":1}\"",
                "\"\\\"quoted\\\"\"",
                "\"1 2\"",
                "\"ü\\n😀\"",
                "\"1e5\"",
                "{\"a\":[1.0,\"1.0\"]}",
                "\"[\"")) {
            ObjectNode written = body("{\"a\": " + value + ", \"b\": 1}");
            ObjectNode read = HashFields.decode(fields(written), List.of("a", "b"))
                    .document(KEY, 3)
                    .body();
            assertThat(Json.same(read, written))
                    .as("%s read as %s", written, read)
                    .isTrue();
        }
    }

    @Test
    void a_changed_field_is_never_read_as_what_was_written() {
        Map<String, String> fields = new HashMap<>(fields(body("{\"n\": 7, \"t\": \"7\", \"s\": \"x\", \"z\": null}")));
        List<String> names = new ArrayList<>(List.of("n", "t", "s", "z"));
        ObjectNode written = HashFields.decode(fields, names).document(KEY, 3).body();
        fields.put("n", "7.0");
        fields.put("t", "8");
        fields.put("s", "5");
        fields.put("z", "");
        fields.put("more", "1");
        ObjectNode read = HashFields.decode(fields, names).document(KEY, 3).body();
        assertThat(read).isEqualTo(body("{\"n\": 7.0, \"t\": \"8\", \"s\": 5, \"z\": \"\", \"more\": 1}"));
        names.forEach(name -> assertThat(Json.same(read.get(name), written.get(name)))
                .as(name)
                .isFalse());
    }
}
