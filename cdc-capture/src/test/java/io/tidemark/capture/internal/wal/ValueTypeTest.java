package io.tidemark.capture.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
