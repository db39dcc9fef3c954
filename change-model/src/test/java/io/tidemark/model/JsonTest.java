package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JsonTest {

    @Test
    void a_number_keeps_every_digit_and_its_scale_through_a_round_trip() {
        String text = "{\"a\":1.10,\"b\":123456789012345678901234567890.000,\"c\":5.00,\"d\":17,\"e\":0.00}";

        assertThat(Json.text(Json.parse(text))).isEqualTo(text);
        assertThat(new String(Json.bytes(Json.parse(text)), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo(text);
    }

    @Test
    void numbers_as_small_and_as_large_as_postgres_has_them_are_written_in_plain_digits() {
        String small = "0." + "0".repeat(16_382) + "1";
        String large = "9".repeat(131_072) + "." + "9".repeat(16_383);

        assertThat(Json.text(Json.parse("[" + small + "," + large + "]"))).isEqualTo("[" + small + "," + large + "]");
        assertThat(Json.text(Json.parse("[1e-16383,1E+3,0e1073741823]"))).isEqualTo("[" + small + ",1000,0]");
    }

    @Test
    void long_names_and_deep_nesting_are_no_limit_below_the_sources_own() {
        String name = "n".repeat(60_000);
        String deep = "[".repeat(1_900) + "]".repeat(1_900);

        assertThat(Json.text(Json.parse("{\"" + name + "\":" + deep + "}")))
                .isEqualTo("{\"" + name + "\":" + deep + "}");
    }

    @Test
    void numbers_of_different_scale_are_not_the_same() {
        assertThat(Json.same(Json.parse("[1.10]"), Json.parse("[1.1]"))).isFalse();
        assertThat(Json.same(Json.parse("[1.10]"), Json.parse("[1.10]"))).isTrue();
        assertThat(Json.same(Json.parse("1"), Json.parse("1.0"))).isFalse();
    }

    @Test
    void fields_may_come_in_any_order_but_list_elements_may_not() {
        assertThat(Json.same(Json.parse("{\"a\":1,\"b\":[1,2]}"), Json.parse("{\"b\":[1,2],\"a\":1}")))
                .isTrue();
        assertThat(Json.same(Json.parse("[1,2]"), Json.parse("[2,1]"))).isFalse();
        assertThat(Json.same(Json.parse("{\"a\":null}"), Json.parse("{}"))).isFalse();
    }
}
