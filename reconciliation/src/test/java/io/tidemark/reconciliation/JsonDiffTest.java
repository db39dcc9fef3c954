package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonDiffTest {

    @Test
    void equal_documents_have_no_difference_whatever_the_order_of_their_fields() {
        assertThat(diff("{\"a\":1,\"b\":{\"c\":[1,null]}}", "{\"b\":{\"c\":[1,null]},\"a\":1}"))
                .isEmpty();
    }

    @Test
    void a_difference_is_named_by_the_innermost_path() {
        assertThat(diff(
                        "{\"lines\":[{\"quantity\":1},{\"quantity\":2},{\"quantity\":3}]}",
                        "{\"lines\":[{\"quantity\":1},{\"quantity\":2},{\"quantity\":4}]}"))
                .containsExactly(new FieldDifference("lines[2].quantity", Json.parse("3"), Json.parse("4")));
    }

    @Test
    void what_one_side_lacks_is_told_from_a_json_null() {
        assertThat(diff("{\"a\":null,\"b\":1}", "{\"b\":null,\"c\":2}"))
                .containsExactly(
                        new FieldDifference("a", Json.parse("null"), null),
                        new FieldDifference("b", Json.parse("1"), Json.parse("null")),
                        new FieldDifference("c", null, Json.parse("2")));
    }

    @Test
    void elements_one_side_has_more_are_listed_by_index() {
        assertThat(diff("[1,2,3]", "[1]"))
                .containsExactly(
                        new FieldDifference("[1]", Json.parse("2"), null),
                        new FieldDifference("[2]", Json.parse("3"), null));
    }

    @Test
    void a_numbers_scale_is_a_difference() {
        assertThat(diff("{\"price\":1.10}", "{\"price\":1.1}"))
                .extracting(FieldDifference::path)
                .containsExactly("price");
    }

    @Test
    void values_of_different_kinds_differ_as_a_whole() {
        assertThat(diff("{\"a\":{\"b\":1}}", "{\"a\":[1]}"))
                .extracting(FieldDifference::path)
                .containsExactly("a");
        assertThat(diff("1", "2")).extracting(FieldDifference::path).containsExactly("");
    }

    @Test
    void names_that_could_be_mistaken_for_a_path_are_quoted() {
        assertThat(diff("{\"a.b\":{\"q\\\"\":1}}", "{\"a.b\":{\"q\\\"\":2}}"))
                .extracting(FieldDifference::path)
                .containsExactly("[\"a.b\"][\"q\\\"\"]");
    }

    @Test
    void no_more_differences_than_the_limit_are_listed() {
        assertThat(JsonDiff.between(Json.parse("[1,2,3,4]"), Json.parse("[5,6,7,8]"), 2))
                .hasSize(2);
    }

    private static List<FieldDifference> diff(String expected, String found) {
        return JsonDiff.between(Json.parse(expected), Json.parse(found), 100);
    }
}
