package io.tidemark.app.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * One difference between the definition a generation was built by and the file's.
 *
 * @param path into the definition, such as {@code many.lines.fields}
 * @param before null where there was nothing
 * @param after null where there is nothing any more
 */
public record PlannedChange(String path, String before, String after) {

    static final String NOTHING = "";

    /** What differs, deepest parts apart; lists count as one. */
    static List<PlannedChange> between(ObjectNode before, ObjectNode after) {
        List<PlannedChange> changes = new ArrayList<>();
        collect("", before, after, changes);
        return changes;
    }

    private static void collect(String path, JsonNode before, JsonNode after, List<PlannedChange> changes) {
        if (before.isObject() && after.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            before.fieldNames().forEachRemaining(names::add);
            after.fieldNames().forEachRemaining(names::add);
            names.forEach(name ->
                    collect(path.isEmpty() ? name : path + "." + name, before.path(name), after.path(name), changes));
        } else if (!before.equals(after)) {
            changes.add(new PlannedChange(path, text(before), text(after)));
        }
    }

    private static String text(JsonNode node) {
        return node.isMissingNode() ? NOTHING : Json.text(node);
    }

    public ObjectNode json() {
        ObjectNode json = Json.object().put("path", path);
        json.set("before", before.isEmpty() ? null : Json.parse(before));
        json.set("after", after.isEmpty() ? null : Json.parse(after));
        return json;
    }

    static ArrayNode json(List<PlannedChange> changes) {
        ArrayNode array = Json.array();
        changes.forEach(change -> array.add(change.json()));
        return array;
    }

    /** {@code + path: value}, {@code - path: value}, or {@code path: value -> value}. */
    @Override
    public String toString() {
        if (before.isEmpty()) {
            return "+ " + path + ": " + after;
        }
        return after.isEmpty() ? "- " + path + ": " + before : "~ " + path + ": " + before + " -> " + after;
    }
}
