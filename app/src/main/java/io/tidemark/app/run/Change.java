package io.tidemark.app.run;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.ReadModelConfig.TargetOptions;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.ModelGenerations;
import java.util.Map;
import java.util.TreeMap;

/** What a definition of the file is, compared with what a generation was built by. */
enum Change {
    /** It builds the same, in the same places. */
    NONE,
    /** The same documents go to other places: their topic can be read again. */
    PLACES,
    /** Other documents, or rows of other tables. */
    CONTENT;

    private static final String AS = " as ";
    private static final String POINTED = ", behind a pointer";
    private static final String EXPIRING = ", expiring";

    static Change between(ModelGenerations.Build built, Plan plan, ReadModel model) {
        if (!built.digest().equals(DefinitionDigest.of(model))) {
            return CONTENT;
        }
        Map<String, String> now = places(plan, model);
        boolean same = built.targets().entrySet().stream()
                .allMatch(before -> isThere(before.getValue(), now.getOrDefault(before.getKey(), before.getValue())));
        if (same) {
            return NONE;
        }
        return model instanceof MirrorModel ? CONTENT : PLACES;
    }

    /** Documents may come to expire where they did not; what was written to expire will. */
    private static boolean isThere(String before, String now) {
        return now.equals(before) || now.equals(before + EXPIRING);
    }

    /** Where a model is written, by store, as far as another place or form is another generation. */
    static Map<String, String> places(Plan plan, ReadModel model) {
        Map<String, String> places = new TreeMap<>();
        plan.targets(model).forEach(target -> places.put(target.store(), place(target)));
        return places;
    }

    /** The key template of a place in Redis. */
    static String templateOf(String place) {
        return place.substring(0, place.lastIndexOf(AS));
    }

    /** The form of a place in Redis. */
    static String formOf(String place) {
        return place.substring(place.lastIndexOf(AS) + AS.length())
                .replace(EXPIRING, "")
                .replace(POINTED, "");
    }

    /** Whether each generation has keys of its own at a place in Redis. */
    static boolean isPointed(String place) {
        return place.substring(place.lastIndexOf(AS)).contains(POINTED);
    }

    private static String place(Target target) {
        return target.options() instanceof TargetOptions.Stored stored
                ? target.target().text()
                        + AS
                        + stored.form().lowerCase()
                        + (stored.pointed() ? POINTED : "")
                        + (stored.ttl() == null ? "" : EXPIRING)
                : target.target().text();
    }
}
