package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where two JSON values differ by {@link Json#same}: the innermost places, objects by field, arrays by index. */
final class JsonDiff {

    private static final Pattern PLAIN_NAME = Pattern.compile("[\\p{L}\\p{N}_$-]+");

    private final int limit;
    private final List<FieldDifference> differences = new ArrayList<>();

    private JsonDiff(int limit) {
        this.limit = limit;
    }

    /**
     * Compares two documents.
     *
     * @param limit differences after which the rest is left out
     */
    static List<FieldDifference> between(JsonNode expected, JsonNode found, int limit) {
        JsonDiff diff = new JsonDiff(limit);
        diff.compare("", expected, found);
        return List.copyOf(diff.differences);
    }

    private void compare(String path, @Nullable JsonNode expected, @Nullable JsonNode found) {
        if (differences.size() >= limit) {
            return;
        }
        if (expected == null || found == null) {
            differences.add(new FieldDifference(path, expected, found));
        } else if (expected.isObject() && found.isObject()) {
            compareFields(path, expected, found);
        } else if (expected.isArray() && found.isArray()) {
            compareElements(path, expected, found);
        } else if (!Json.same(expected, found)) {
            differences.add(new FieldDifference(path, expected, found));
        }
    }

    private void compareFields(String path, JsonNode expected, JsonNode found) {
        Set<String> names = new LinkedHashSet<>();
        expected.fieldNames().forEachRemaining(names::add);
        found.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            compare(fieldPath(path, name), expected.get(name), found.get(name));
        }
    }

    private void compareElements(String path, JsonNode expected, JsonNode found) {
        for (int i = 0; i < Math.max(expected.size(), found.size()); i++) {
            compare(path + "[" + i + "]", expected.get(i), found.get(i));
        }
    }

    private static String fieldPath(String path, String name) {
        if (!PLAIN_NAME.matcher(name).matches()) {
            return path + "[\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"]";
        }
        return path.isEmpty() ? name : path + "." + name;
    }
}
