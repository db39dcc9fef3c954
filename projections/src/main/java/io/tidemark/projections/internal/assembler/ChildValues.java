package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.tidemark.model.Json;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.SortColumn;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a parent is told of a child's row beside the child's object, as a JSON array: the values it is ordered by, then
 * those that are aggregated.
 */
final class ChildValues {

    private final List<String> columns;

    ChildValues(Children children) {
        Stream<String> aggregated =
                children.aggregates().stream().map(Aggregate::column).filter(Objects::nonNull);
        columns = Stream.concat(children.order().stream().map(SortColumn::column), aggregated)
                .toList();
    }

    /** The values of a row. */
    byte[] of(JsonNode row) {
        ArrayNode values = Json.array();
        columns.forEach(column -> values.add(valueOf(row, column)));
        return Json.bytes(values);
    }

    /** Where the value of an aggregated column is found. */
    int lastIndexOf(String column) {
        return columns.lastIndexOf(column);
    }

    static JsonNode valueOf(JsonNode row, String column) {
        JsonNode value = row.get(column);
        return value == null ? NullNode.getInstance() : value;
    }
}
