package io.tidemark.model.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.filter.Operand.ColumnOperand;
import io.tidemark.model.filter.Operand.Literal;
import io.tidemark.model.filter.RowFilter.And;
import io.tidemark.model.filter.RowFilter.Comparison;
import io.tidemark.model.filter.RowFilter.Constant;
import io.tidemark.model.filter.RowFilter.Flag;
import io.tidemark.model.filter.RowFilter.In;
import io.tidemark.model.filter.RowFilter.Is;
import io.tidemark.model.filter.RowFilter.IsNull;
import io.tidemark.model.filter.RowFilter.Like;
import io.tidemark.model.filter.RowFilter.Not;
import io.tidemark.model.filter.RowFilter.Operator;
import io.tidemark.model.filter.RowFilter.Or;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What needs no PostgreSQL to be judged; that meanings are PostgreSQL's is for the properties in app to say. */
class RowFilterTest {

    private static final ColumnOperand TOTAL = new ColumnOperand("total", ValueType.NUMERIC);
    private static final RowFilter OVER_FIVE = new Comparison(TOTAL, Operator.GREATER, number("5"));

    private static Literal number(String text) {
        return new Literal(ValueType.NUMERIC.ofNumber(text).orElseThrow(), text);
    }

    @Test
    void only_true_lets_a_row_in() {
        assertThat(OVER_FIVE.accepts(Json.parse("{\"total\":5.10}"))).isTrue();
        assertThat(OVER_FIVE.accepts(Json.parse("{\"total\":5.0}"))).isFalse();
        assertThat(OVER_FIVE.accepts(Json.parse("{\"total\":null}"))).isFalse();
        assertThat(new Not(OVER_FIVE).accepts(Json.parse("{\"total\":null}"))).isFalse();
        assertThat(new Is(OVER_FIVE, Truth.UNKNOWN).accepts(Json.parse("{\"total\":null}")))
                .isTrue();
    }

    @Test
    void a_column_the_row_does_not_have_is_null() {
        assertThat(OVER_FIVE.test(Json.object())).isEqualTo(Truth.UNKNOWN);
        assertThat(new Flag("total").test(Json.object())).isEqualTo(Truth.UNKNOWN);
        assertThat(new IsNull("total").test(Json.object())).isEqualTo(Truth.TRUE);
    }

    @Test
    void null_in_a_list_makes_no_match_unknown_and_hides_no_match() {
        RowFilter in = new In(TOTAL, List.of(number("1.0"), Literal.NULL));
        assertThat(in.test(Json.parse("{\"total\":1}"))).isEqualTo(Truth.TRUE);
        assertThat(in.test(Json.parse("{\"total\":2}"))).isEqualTo(Truth.UNKNOWN);
    }

    @Test
    void a_value_of_another_type_than_the_definition_was_checked_against_is_an_error() {
        assertThatThrownBy(() -> OVER_FIVE.test(Json.parse("{\"total\":\"six\"}")))
                .hasMessageContaining("expects a value of type NUMERIC")
                .hasMessageContaining("Start again");
        LikePattern pattern = LikePattern.of("a%", LikePattern.BACKSLASH).orElseThrow();
        assertThatThrownBy(() ->
                        new Like(new ColumnOperand("note", ValueType.TEXT), pattern).test(Json.parse("{\"note\":5}")))
                .hasMessageContaining("expects a value of type TEXT");
        assertThatThrownBy(() -> new Flag("paid").test(Json.parse("{\"paid\":\"t\"}")))
                .hasMessageContaining("expects a value of type BOOLEAN");
    }

    @Test
    void its_columns_are_those_it_looks_at() {
        RowFilter filter = new Or(List.of(new And(List.of(OVER_FIVE, new Flag("paid"))), new IsNull("due")));
        assertThat(filter.columns()).containsExactly("total", "paid", "due");
        assertThat(filter.sql("t1")).isEqualTo("(((t1.\"total\" > 5) AND t1.\"paid\") OR (t1.\"due\" IS NULL))");
        assertThat(RowFilter.everyRow().isEveryRow()).isTrue();
        assertThat(new Constant(false).isEveryRow()).isFalse();
    }

    @Test
    void names_are_quoted_in_sql() {
        assertThat(new IsNull("a\"b; --").sql("t")).isEqualTo("(t.\"a\"\"b; --\" IS NULL)");
    }

    @Test
    void arrays_of_enums_are_no_enums() {
        String labels = "{\"1\":\"a\"}";
        assertThat(ValueType.of(new Column("e", "mood", 0, true, 1, labels))).contains(ValueType.ENUM);
        assertThat(ValueType.of(new Column("e", "mood[]", 0, true, 1, labels))).isEmpty();
    }
}
