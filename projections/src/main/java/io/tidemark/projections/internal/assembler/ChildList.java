package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import io.tidemark.model.definition.Children;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;

/** Makes what a parent's object has of its children from those it was sent. */
final class ChildList {

    /**
     * A child as its parent keeps it.
     *
     * @param values see {@link ChildValues}
     * @param object as it was sent
     */
    record Child(JsonNode values, Bytes object) {

        /** Reads a pair of both. */
        static Child of(byte[] pair) {
            return new Child(Json.parse(StateKeys.first(pair)), Bytes.wrap(StateKeys.second(pair)));
        }
    }

    /** The objects of the list, in order, and the aggregates, in the order of the definition. */
    record Content(List<byte[]> objects, List<JsonNode> aggregates) {}

    private final int limit;
    private final boolean listed;
    private final ChildAggregates aggregates;
    private final Comparator<Child> order;

    ChildList(Children children) {
        limit = children.limit();
        listed = children.listed();
        order = Comparator.comparing(Child::values, new ChildOrder(children));
        aggregates = new ChildAggregates(children);
    }

    Content of(List<Child> found) {
        return new Content(listed ? objects(found) : List.of(), aggregates.of(found));
    }

    private List<byte[]> objects(List<Child> found) {
        return found.stream()
                .sorted(order)
                .limit(limit)
                .map(child -> child.object().get())
                .toList();
    }
}
