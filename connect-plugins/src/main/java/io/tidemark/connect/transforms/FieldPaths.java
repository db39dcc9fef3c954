package io.tidemark.connect.transforms;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fields named by dotted paths, as a tree: what is below a name, or null where the path ends. Lists are walked through: a
 * path goes on in each of their elements.
 */
record FieldPaths(Map<String, @Nullable FieldPaths> below) {

    static FieldPaths of(List<String> paths) {
        Map<String, List<String>> rest = new LinkedHashMap<>();
        Map<String, @Nullable FieldPaths> below = new LinkedHashMap<>();
        for (String path : paths) {
            int dot = path.indexOf('.');
            if (dot < 0) {
                below.put(path, null);
            } else {
                rest.computeIfAbsent(path.substring(0, dot), any -> new ArrayList<>())
                        .add(path.substring(dot + 1));
            }
        }
        rest.forEach((name, others) -> {
            // A path that ends takes all that is below with it; null is its place in the map.
            if (!below.containsKey(name)) {
                below.put(name, of(others));
            }
        });
        return new FieldPaths(below);
    }

    boolean names(String field) {
        return below.containsKey(field);
    }

    /** Whether a path ends at this field. */
    boolean endsAt(String field) {
        return names(field) && below.get(field) == null;
    }

    /** The paths that go on below a field. */
    @Nullable
    FieldPaths under(String field) {
        return below.get(field);
    }
}
