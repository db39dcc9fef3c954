package io.tidemark.model.definition;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A value that is the same in every object of a node.
 *
 * @param value text, number or boolean
 */
public record Constant(String name, JsonNode value) {

    public Constant {
        if (!value.isValueNode() || value.isNull()) {
            throw new IllegalArgumentException("Constant '" + name + "' is neither text nor number nor boolean");
        }
    }
}
