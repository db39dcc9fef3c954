package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnRulesTest {

    private static final TableId PEOPLE = new TableId("public", "people");
    private static final ColumnRule HASH = new ColumnRule.Hash(new Secret("key"));
    private static final ColumnRule MASK = new ColumnRule.Mask();
    private static final ColumnRule DROP = new ColumnRule.Drop();

    private static final Relation RELATION = new Relation(
            PEOPLE,
            List.of(
                    new Column("id", "integer", 23, false),
                    new Column("email", "character varying(80)", 1043, true),
                    new Column("salary", "numeric(9,2)", 1700, false),
                    new Column("boss", "integer", 23, true)),
            List.of("id"),
            List.of(new ForeignKey(List.of("boss"), PEOPLE, List.of("id"))),
            1);

    private static ColumnRules rules(Map<String, ColumnRule> columns) {
        return new ColumnRules(Map.of(PEOPLE, columns));
    }

    private static ObjectNode applied(ColumnRule rule, String json) {
        ObjectNode row = Json.parseObject("{\"id\": 1, \"c\": " + json + "}");
        rules(Map.of("c", rule)).applyTo(PEOPLE, row);
        return row;
    }

    @Test
    void each_rule_does_what_it_says_and_null_stays_null() {
        assertThat(Json.text(applied(DROP, "\"x\""))).isEqualTo("{\"id\":1}");
        assertThat(Json.text(applied(MASK, "\"x\""))).isEqualTo("{\"id\":1,\"c\":\"***\"}");
        // printf '"x"' | openssl dgst -sha256 -hmac key
        assertThat(applied(HASH, "\"x\"").get("c").textValue())
                .isEqualTo("7a2c53faaad4ecc87cc29f593f9af73c78064007ceb5f575a5d78cbbeb498231");
        assertThat(applied(MASK, "null").get("c").isNull()).isTrue();
        assertThat(applied(HASH, "null").get("c").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\": 1, \"b\": [{\"c\": 1, \"d\": 2}]} | {\"b\": [{\"d\": 2, \"c\": 1}], \"a\": 1}",
                "1e3 | 1000",
                "0.10 | 1.0E-1",
            })
    void equal_values_have_equal_hashes_however_they_are_written(String one, String other) {
        assertThat(applied(HASH, other)).isEqualTo(applied(HASH, one));
    }

    @Test
    void number_and_text_of_the_same_digits_differ() {
        assertThat(applied(HASH, "1")).isNotEqualTo(applied(HASH, "\"1\""));
    }

    @Test
    void a_table_is_described_as_the_topics_have_it() {
        Relation published =
                rules(Map.of("email", HASH, "salary", DROP, "boss", HASH)).applyTo(RELATION);
        assertThat(published.columns())
                .containsExactly(
                        RELATION.columns().get(0),
                        new Column("email", "text", 25, true),
                        new Column("boss", "text", 25, true));
        assertThat(published.foreignKeys()).isEmpty();
        assertThat(ColumnRules.NONE.applyTo(RELATION)).isEqualTo(RELATION);
    }

    @Test
    void a_rule_that_does_not_fit_is_refused_with_the_reason() {
        assertThat(ColumnRules.misfit(HASH, RELATION, "id").orElseThrow()).contains("is in the primary key");
        assertThat(ColumnRules.misfit(DROP, RELATION, "id")).isPresent();
        assertThat(ColumnRules.misfit(MASK, RELATION, "salary").orElseThrow())
                .contains("is numeric(9,2), and only text can be masked; use hash or drop");
        assertThat(ColumnRules.misfit(MASK, RELATION, "email")).isEmpty();
        assertThatThrownBy(() -> rules(Map.of("mail", HASH)).applyTo(RELATION))
                .hasMessageContaining("column 'mail' of public.people is not there");
    }

    @Test
    void in_a_document_an_entry_has_the_rule_of_its_column_whatever_its_name() {
        ObjectNode document = Json.parseObject("{\"id\": 1, \"email\": \"boss\", \"contact\": \"a@b\"}");
        rules(Map.of("email", MASK)).applyTo(PEOPLE, "email", "contact", document);
        rules(Map.of("email", MASK)).applyTo(PEOPLE, "boss", "email", document);
        assertThat(Json.text(document)).isEqualTo("{\"id\":1,\"email\":\"boss\",\"contact\":\"***\"}");
    }
}
