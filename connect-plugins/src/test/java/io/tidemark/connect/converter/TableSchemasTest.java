package io.tidemark.connect.converter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.junit.jupiter.api.Test;

class TableSchemasTest {

    private static final Relation TABLE = new Relation(
            new TableId("public", "things"),
            List.of(
                    column("id", "bigint"),
                    column("small", "smallint"),
                    column("price", "numeric(12,2)"),
                    column("exact", "numeric"),
                    column("flag", "boolean"),
                    column("born", "date"),
                    column("at", "timestamp without time zone"),
                    column("atz", "timestamp with time zone"),
                    column("raw", "bytea"),
                    column("doc", "jsonb"),
                    column("tags", "text[]"),
                    column("kind", "mood")),
            List.of("id"),
            List.of(),
            1);

    private static final String ROW = "{\"id\":1,\"small\":2,\"price\":1.10,\"exact\":1.5000,\"flag\":true,"
            + "\"born\":\"1970-01-02\",\"at\":\"1970-01-01T00:00:01.000002\",\"atz\":\"2026-01-01T00:00:00+00:00\","
            + "\"raw\":\"\\\\x00ff\",\"doc\":{\"a\":1.0},\"tags\":[\"x\",null],\"kind\":\"happy\"}";

    private final TableSchemas schemas = new TableSchemas("shop.public.things", TABLE);

    @Test
    void a_row_has_its_columns_types() {
        Struct envelope = schemas.envelope(Json.parseObject(
                "{\"op\":\"c\",\"ts_ms\":7,\"before\":null,\"after\":" + ROW + ",\"source\":{\"version\":\"tidemark\","
                        + "\"connector\":\"postgresql\",\"name\":\"shop\",\"ts_ms\":7,\"snapshot\":\"false\",\"db\":\"d\","
                        + "\"schema\":\"public\",\"table\":\"things\",\"txId\":9,\"lsn\":10}}"));
        envelope.validate();
        Struct row = envelope.getStruct("after");
        assertThat(row.get("id")).isEqualTo(1L);
        assertThat(row.get("small")).isEqualTo((short) 2);
        assertThat(row.get("price")).isEqualTo(new BigDecimal("1.10"));
        assertThat(row.getStruct("exact").get("scale")).isEqualTo(4);
        assertThat(new BigInteger(row.getStruct("exact").getBytes("value"))).isEqualTo(15_000);
        assertThat(row.get("born")).isEqualTo(1);
        assertThat(row.get("at")).isEqualTo(1_000_002L);
        assertThat(row.get("atz")).isEqualTo("2026-01-01T00:00:00+00:00");
        assertThat(row.getBytes("raw")).containsExactly(0, 0xff);
        assertThat(row.get("doc")).isEqualTo("{\"a\":1.0}");
        assertThat(row.get("tags")).isEqualTo(java.util.Arrays.asList("x", null));
        assertThat(row.get("kind")).isEqualTo("happy");
        assertThat(envelope.schema().name()).isEqualTo("shop.public.things.Envelope");
        assertThat(schemas.key(Json.parseObject("{\"id\":1}")).get("id")).isEqualTo(1L);
    }

    @Test
    void what_is_no_value_of_the_type_is_told_with_column_and_type_and_without_the_value() {
        assertThatThrownBy(() -> schemas.key(Json.parseObject("{\"id\":\"secret\"}")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("'id'")
                .hasMessageContaining("bigint")
                .hasMessageNotContaining("secret");
    }

    @Test
    void a_row_with_a_field_nobody_described_is_noticed() {
        assertThat(schemas.describes(Json.parse(ROW))).isTrue();
        assertThat(schemas.describes(Json.parse("{\"id\":1,\"new\":2}"))).isFalse();
        assertThat(new TableSchemas("t", TABLE.withFormer(List.of("new")))
                        .describes(Json.parse("{\"id\":1,\"new\":2}")))
                .isTrue();
    }

    @Test
    void without_schemas_every_digit_is_kept() {
        try (TidemarkConverter converter = new TidemarkConverter()) {
            converter.configure(Map.of("schemas.enable", "false"), false);
            byte[] json = "{\"a\":1.10,\"b\":123456789012345678901,\"c\":[1,null,true]}".getBytes(UTF_8);
            var read = converter.toConnectData("shop.public.things", json);
            assertThat(read.schema()).isNull();
            assertThat(((Map<?, ?>) read.value()).get("a")).isEqualTo(new BigDecimal("1.10"));
            assertThat(converter.fromConnectData("t", null, read.value())).isEqualTo(json);
            assertThat(converter.toConnectData("t", null).value()).isNull();
            assertThat(converter.toConnectData("t", "\"__truncate\"".getBytes(UTF_8)))
                    .isEqualTo(new org.apache.kafka.connect.data.SchemaAndValue(Schema.STRING_SCHEMA, "__truncate"));
        }
    }

    private static Column column(String name, String type) {
        return new Column(name, type, 0, true);
    }
}
