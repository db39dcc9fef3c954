package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Aggregate.Function;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentNode;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;

class ChildAggregatesTest {

    private static final Relation TABLE = new Relation(
            new TableId("public", "t"),
            List.of(new Column("id", "integer", 0, false), new Column("price", "numeric", 0, true)),
            List.of("id"),
            List.of(),
            1);
    private static final Children CHILDREN = new Children(
            "many",
            List.of(),
            List.of(),
            Children.ALL,
            false,
            List.of(new Aggregate("min", Function.MIN, "price"), new Aggregate("max", Function.MAX, "price")),
            new DocumentNode(TABLE, List.of(), List.of(), List.of()));

    private static String minAndMax(String... prices) {
        ChildValues values = new ChildValues(CHILDREN);
        List<ChildList.Child> children = Stream.of(prices)
                .map(price -> Json.parse("{\"id\": 1, \"price\": " + price + "}"))
                .map(row -> new ChildList.Child(Json.parse(values.of(row)), Bytes.wrap(new byte[0])))
                .toList();
        return new ChildAggregates(CHILDREN)
                .of(children).stream().map(JsonNode::toString).toList().toString();
    }

    @Test
    void of_equal_numbers_the_one_with_fewer_digits_is_chosen_whatever_their_order() {
        assertThat(minAndMax("1.50", "1.5", "1.500")).isEqualTo("[1.5, 1.5]");
        assertThat(minAndMax("1.5", "2.00", "1.50", "2")).isEqualTo("[1.5, 2]");
    }

    @Test
    void nulls_do_not_count() {
        assertThat(minAndMax("null", "-1", "null")).isEqualTo("[-1, -1]");
        assertThat(minAndMax("null")).isEqualTo("[null, null]");
    }
}
