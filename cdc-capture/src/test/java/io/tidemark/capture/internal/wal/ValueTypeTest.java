package io.tidemark.capture.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTypeTest {

    @ParameterizedTest
    @CsvSource({
        "17, 17",
        "12345678901234567890.1230, 12345678901234567890.1230",
        "1e+20, 100000000000000000000",
        "2.5e-05, 0.000025",
        "NaN, \"NaN\"",
        "-Infinity, \"-Infinity\"",
    })
    void numbers_print_as_the_server_would(String text, String json) {
        assertThat(Json.text(new ValueType.Numeric().toJson(text))).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "7",
                "-2147483648",
                "2147483648",
                "999999999999999999",
                "-99999999999999999",
                "0.0",
                "-0.0",
                "1.10",
                "0.000000000000001",
                "1000000000000000000",
                "12345678901234567890.10"
            })
    void a_short_number_is_the_node_that_parsing_gives(String text) {
        JsonNode parsed = Json.parse(text);

        assertThat(new ValueType.Numeric().toJson(text)).isEqualTo(parsed).hasSameClassAs(parsed);
    }

    @Test
    void timestamps_are_iso_8601_with_hours_and_minutes_of_the_zone() {
        assertThat(new ValueType.TimestampTz()
                        .toJson("2024-01-02 03:04:05.5+00")
                        .textValue())
                .isEqualTo("2024-01-02T03:04:05.5+00:00");
        assertThat(new ValueType.TimestampTz()
                        .toJson("0044-03-15 12:00:00+00 BC")
                        .textValue())
                .isEqualTo("0044-03-15T12:00:00+00:00 BC");
        assertThat(new ValueType.Timestamp().toJson("infinity").textValue()).isEqualTo("infinity");
    }

    @Test
    void arrays_keep_dimensions_nulls_and_quoted_text() {
        ValueType texts = new ValueType.Array(new ValueType.Plain(), ',');
        ValueType numbers = new ValueType.Array(new ValueType.Numeric(), ',');

        assertThat(texts.toJson("{\"a b\",NULL,\"q\\\"x\",\"NULL\",\"\",\"back\\\\slash\",bare}")
                        .toString())
                .isEqualTo("[\"a b\",null,\"q\\\"x\",\"NULL\",\"\",\"back\\\\slash\",\"bare\"]");
        assertThat(numbers.toJson("{{1.10,2},{3,NULL}}").toString()).isEqualTo("[[1.10,2],[3,null]]");
        assertThat(numbers.toJson("[2:3]={7,8}").toString()).isEqualTo("[7,8]");
        assertThat(numbers.toJson("{}").toString()).isEqualTo("[]");
    }

    @Test
    void composites_are_objects_in_which_nothing_is_null_and_quotes_are_doubled() {
        ValueType inner = new ValueType.Composite(List.of(new ValueType.Attribute("t", new ValueType.Plain())));
        ValueType outer = new ValueType.Composite(List.of(
                new ValueType.Attribute("n", new ValueType.Numeric()),
                new ValueType.Attribute("a \"b\"", new ValueType.Plain()),
                new ValueType.Attribute("rows", new ValueType.Array(inner, ','))));

        String text = "(1.10,,\"{(),NULL,\"\"(\\\\\"\",)\\\\\"\")\"\"}\")";
        assertThat(outer.toJson(text).toString())
                .isEqualTo("{\"n\":1.10,\"a \\\"b\\\"\":null,\"rows\":[{\"t\":null},null,{\"t\":\",)\"}]}");
        assertThat(inner.toJson("(\"\")").toString()).isEqualTo("{\"t\":\"\"}");
        assertThat(new ValueType.Composite(List.of()).toJson("()").toString()).isEqualTo("{}");
        assertThatThrownBy(() -> inner.toJson("(a,b)")).hasMessageContaining("other attributes");
        assertThatThrownBy(() -> outer.toJson("(1,b)")).hasMessageContaining("other attributes");
    }
}
