package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.SortColumn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JsonOrderTest {

    private static final SortColumn ASCENDING = SortColumn.ascending("c0");
    private static final SortColumn DESCENDING = new SortColumn("c0", true, true);

    private static void assertOrder(Comparator<JsonNode> order, String... inOrder) {
        List<JsonNode> shuffled =
                new ArrayList<>(Stream.of(inOrder).map(Json::parse).toList());
        Collections.shuffle(shuffled, new Random(7));

        shuffled.sort(order);

        assertThat(shuffled).extracting(JsonNode::toString).containsExactly(inOrder);
    }

    /** The order of children with columns of these types, called c0 and so on; the last is the key. */
    private static Comparator<JsonNode> order(List<SortColumn> by, String... types) {
        List<Column> columns = new ArrayList<>();
        for (String type : types) {
            columns.add(new Column("c" + columns.size(), type, 0, true));
        }
        String key = columns.get(columns.size() - 1).name();
        Relation table = new Relation(new TableId("public", "t"), columns, List.of(key), List.of(), 1);
        DocumentNode node = new DocumentNode(table, List.of(), List.of(), List.of());
        return new ChildOrder(new Children("many", List.of(), by, Children.ALL, node));
    }

    private static void assertOrderOf(String type, SortColumn by, String... inOrder) {
        String[] withKey = Arrays.stream(inOrder)
                .map(value -> value.replace('\'', '"'))
                .map(value -> "[" + value + ",1]")
                .toArray(String[]::new);
        assertOrder(order(List.of(by), type, "integer"), withKey);
    }

    @Test
    void numbers_are_ordered_by_value_among_the_infinities_and_nulls_come_last() {
        assertOrderOf("numeric", ASCENDING, "'-Infinity'", "-3", "2", "2.5", "10", "'Infinity'", "'NaN'", "null");
        assertOrderOf("real", DESCENDING, "null", "'NaN'", "'Infinity'", "10", "2", "'-Infinity'");
    }

    @Test
    void text_is_ordered_by_code_point_as_the_c_collation_does() {
        assertOrderOf("text", ASCENDING, "''", "'B'", "'a'", "'aa'", "'é'", "'\uffee'", "'\ud83d\ude00'");
    }

    @Test
    void times_are_ordered_by_time_far_from_today_too() {
        assertOrderOf(
                "timestamp(3) with time zone",
                ASCENDING,
                "'-infinity'",
                "'0045-01-01T00:00:00+00:00 BC'",
                "'0044-03-15T00:00:00+00:00 BC'",
                "'0044-03-15T00:00:00.5+00:00 BC'",
                "'0001-01-01T00:00:00+00:00'",
                "'2024-01-01T00:00:00+00:00'",
                "'2024-01-01T00:00:00.45+00:00'",
                "'2024-01-01T00:00:00.5+00:00'",
                "'2024-01-01T00:00:01+00:00'",
                "'10000-01-01T00:00:00+00:00'",
                "'infinity'",
                "null");
        assertOrderOf(
                "date", DESCENDING, "null", "'25000-01-01'", "'9999-12-31'", "'0001-01-01 BC'", "'0002-01-01 BC'");
    }

    @Test
    void other_types_are_ordered_by_their_json() {
        assertOrderOf("public.size", ASCENDING, "'large'", "'medium'", "'small'");
        assertOrderOf("public.positive", ASCENDING, "2", "10", "'NaN'", "null");
        assertOrderOf("boolean", ASCENDING, "false", "true", "null");
    }

    @Test
    void nulls_stand_where_they_are_wanted() {
        assertOrderOf("integer", new SortColumn("c0", false, true), "null", "1", "2");
        assertOrderOf("integer", new SortColumn("c0", true, false), "2", "1", "null");
    }

    @Test
    void later_columns_and_at_last_the_key_break_ties() {
        Comparator<JsonNode> order =
                order(List.of(DESCENDING, SortColumn.ascending("c1")), "integer", "text", "integer");
        assertOrder(order, "[2,\"a\",1]", "[1,\"a\",2]", "[1,\"a\",10]", "[1,\"b\",1]");
    }
}
