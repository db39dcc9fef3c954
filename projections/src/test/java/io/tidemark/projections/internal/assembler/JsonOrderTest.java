package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JsonOrderTest {

    private static List<JsonNode> parsed(String... arrays) {
        return new ArrayList<>(Stream.of(arrays).map(Json::parse).toList());
    }

    private static void assertOrder(String... inOrder) {
        List<JsonNode> shuffled = parsed(inOrder);
        Collections.shuffle(shuffled, new Random(7));

        shuffled.sort(JsonOrder.INSTANCE);

        assertThat(shuffled).extracting(JsonNode::toString).containsExactly(inOrder);
    }

    @Test
    void numbers_are_ordered_by_value_and_nulls_come_last() {
        assertOrder("[-3]", "[2]", "[2.5]", "[10]", "[\"NaN\"]", "[null]");
    }

    @Test
    void text_is_ordered_by_code_point_as_the_c_collation_does() {
        assertOrder("[\"\"]", "[\"B\"]", "[\"a\"]", "[\"aa\"]", "[\"é\"]", "[\"\uffee\"]", "[\"\ud83d\ude00\"]");
    }

    @Test
    void later_values_break_ties() {
        assertOrder("[1,\"a\",2]", "[1,\"a\",10]", "[1,\"b\",1]", "[2,\"a\",1]");
    }
}
