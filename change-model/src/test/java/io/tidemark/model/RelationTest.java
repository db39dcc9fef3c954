package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RelationTest {

    private static final Relation PRICES = new Relation(
            TableId.parse("public.prices"),
            List.of(
                    new Column("amount", "numeric", 1700, false),
                    new Column("code", "character(4)", 1042, false),
                    new Column("note", "text", 25, true)),
            List.of("amount", "code"),
            List.of(new ForeignKey(List.of("code"), TableId.parse("public.codes"), List.of("code"))),
            1);

    @Test
    void keys_that_are_equal_in_postgresql_have_equal_bytes() {
        RowKey one = PRICES.keyOf(Json.parse("{\"amount\":1.50,\"code\":\"A   \"}"));
        RowKey other = PRICES.keyOf(Json.parse("{\"amount\":1.5,\"code\":\"A\"}"));
        RowKey round = PRICES.keyOf(Json.parse("{\"amount\":100.0,\"code\":\"A\"}"));

        assertThat(one.encode()).isEqualTo(other.encode());
        assertThat(one.json()).isEqualTo("{\"amount\":1.5,\"code\":\"A\"}");
        assertThat(round).isEqualTo(PRICES.keyOf(Json.parse("{\"amount\":100,\"code\":\"A\"}")));
    }

    @Test
    void a_foreign_key_is_encoded_like_the_key_it_refers_to_and_is_absent_when_null() {
        var row = Json.parse("{\"price\":1.500,\"price_code\":\"A \",\"x\":null}");

        assertThat(PRICES.keyFrom(row, List.of("price", "price_code")))
                .hasValue(PRICES.keyOf(Json.parse("{\"amount\":1.5,\"code\":\"A\"}")));
        assertThat(PRICES.keyFrom(row, List.of("price", "x"))).isEmpty();
    }

    @Test
    void a_relation_survives_its_json_form() {
        Relation detailed = new Relation(
                PRICES.table(),
                List.of(new Column("mood", "mood", 16_400, true, 3, "{\"16401\":\"glad\"}")),
                List.of("mood"),
                List.of(),
                7,
                16_399,
                List.of(16_410L, 16_413L));

        Relation altered = PRICES.atVersion(2)
                .describing(new Version(7_000_000_000L, 3), new Version(9, 0))
                .withFormer(List.of("note"));

        assertThat(Relation.fromJson(Json.parse(Json.text(altered.toJson())))).isEqualTo(altered);
        assertThat(Relation.fromJson(Json.parse(Json.text(PRICES.toJson())))).isEqualTo(PRICES);
        assertThat(Relation.fromJson(Json.parse(Json.text(detailed.toJson())))).isEqualTo(detailed);
    }

    @Test
    void different_composite_keys_have_different_texts() {
        RowKey tricky = new RowKey("{\"a\":\"x|y\",\"b\":\"z\"}");
        RowKey other = new RowKey("{\"a\":\"x\",\"b\":\"y|z\"}");

        assertThat(tricky.text()).isNotEqualTo(other.text());
        assertThat(new RowKey("{\"id\":17}").text()).isEqualTo("17");
    }
}
