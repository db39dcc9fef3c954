package io.tidemark.projections;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The generations of one read model: which is live, which fill, which are old. Every change gives a new one; the registry
 * keeps the newest.
 *
 * @param lineage of the capture whose topics all are built from
 * @param decision counts the switches of the live one, from 0; stores that can remember it refuse an older one
 * @param live number of the generation that readers are given
 * @param before number of the one that they had before, if they were given the live one by a promotion; 0 after a rollback,
 *     and as long as there was none
 * @param next number of the one that stores are being switched to; 0 for none. Whoever finds it finishes it
 * @param builds by their numbers, the lowest first; those that were dropped are not there
 * @param highest number that was ever given
 */
public record ModelGenerations(
        String model, String lineage, int decision, int live, int before, int next, int highest, List<Build> builds) {

    private static final int FORMAT = 1;

    /** Where a generation is in its life. */
    public enum State {
        /** It was never live. */
        FILLING,
        /** It is, or it was and can be again. */
        KEPT,
        /** Nobody writes it any more, and what is left of it is being removed. */
        DROPPING
    }

    /**
     * One generation.
     *
     * @param assembly number of the generation whose documents topic it is written from: its own, or that of an earlier one
     *     with the same tree
     * @param digest of what documents or rows are made of
     * @param targets where it is written, by store
     * @param definition as a configuration file has it, with everything named that may be left out there
     * @param problem why it is not filled any further; empty while it is
     */
    public record Build(
            int number,
            int assembly,
            State state,
            String digest,
            Map<String, String> targets,
            ObjectNode definition,
            String problem) {

        public Build {
            targets = Map.copyOf(targets);
        }

        /** The first of a definition, with documents of its own unless others are given. */
        public static Build of(int number, int assembly, String digest, Map<String, String> targets, ObjectNode text) {
            return new Build(number, assembly, State.FILLING, digest, targets, text, "");
        }

        Build in(State other) {
            return new Build(number, assembly, other, digest, targets, definition, problem);
        }

        Build with(String newProblem) {
            return new Build(number, assembly, state, digest, targets, definition, newProblem);
        }

        /** Whether it is written. */
        public boolean runs() {
            return state != State.DROPPING;
        }

        private ObjectNode toJson() {
            ObjectNode json = Json.object()
                    .put("number", number)
                    .put("assembly", assembly)
                    .put("state", state.name().toLowerCase(Locale.ROOT))
                    .put("digest", digest)
                    .put("problem", problem);
            ObjectNode places = json.putObject("targets");
            targets.forEach(places::put);
            json.set("definition", definition);
            return json;
        }

        private static Build fromJson(JsonNode json) {
            Map<String, String> targets = new LinkedHashMap<>();
            json.required("targets")
                    .properties()
                    .forEach(each -> targets.put(each.getKey(), each.getValue().textValue()));
            return new Build(
                    json.required("number").intValue(),
                    json.required("assembly").intValue(),
                    State.valueOf(json.required("state").textValue().toUpperCase(Locale.ROOT)),
                    json.required("digest").textValue(),
                    targets,
                    (ObjectNode) json.required("definition"),
                    json.path("problem").asText(""));
        }
    }

    public ModelGenerations {
        builds = builds.stream().sorted(Comparator.comparing(Build::number)).toList();
    }

    /** A model of which there is one generation, the live one. */
    public static ModelGenerations first(String model, String lineage, Build build) {
        return new ModelGenerations(
                model, lineage, 0, build.number(), 0, 0, build.number(), List.of(build.in(State.KEPT)));
    }

    /** One of its generations. */
    public Optional<Build> build(int number) {
        return builds.stream().filter(each -> each.number() == number).findFirst();
    }

    /** The live one. */
    public Build liveBuild() {
        return build(live).orElseThrow();
    }

    /** The newest that was never live. */
    public Optional<Build> filling() {
        return builds.stream().filter(each -> each.state() == State.FILLING).reduce((earlier, later) -> later);
    }

    /** The one that readers had before they were given the live one, and that is kept. */
    public Optional<Build> old() {
        return build(before).filter(each -> each.state() == State.KEPT);
    }

    /** Whether what stores are being switched to was live before: it is a rollback. */
    public boolean goesBack() {
        return build(next).filter(each -> each.state() == State.KEPT).isPresent();
    }

    /** With one more that fills; those that were filling are given up. Not while stores are being switched. */
    public ModelGenerations beginning(Build build) {
        requireSwitched();
        List<Build> all = new ArrayList<>();
        builds.forEach(each -> all.add(each.state() == State.FILLING ? each.in(State.DROPPING) : each));
        all.add(build);
        return new ModelGenerations(model, lineage, decision, live, before, next, build.number(), all);
    }

    /** With another definition of the live one, which builds the same. */
    public ModelGenerations redefined(Build build) {
        return replacing(build.number(), same -> build.in(same.state()));
    }

    private void requireSwitched() {
        if (next != 0) {
            throw new IllegalStateException("Stores are being switched to " + model + "@" + next);
        }
    }

    /**
     * The decision is made: stores are to be switched to this one. Made of one that is not carried out yet, it takes that
     * one's place: what is live may be decided on, too.
     */
    public ModelGenerations promoting(int number) {
        return new ModelGenerations(model, lineage, decision + 1, live, before, number, highest, builds);
    }

    /** All stores are switched. */
    public ModelGenerations promoted() {
        int last = next == live ? before : goesBack() ? 0 : live;
        ModelGenerations switched =
                replacing(next, build -> build.in(State.KEPT).with(""));
        return new ModelGenerations(model, lineage, decision, next, last, 0, highest, switched.builds);
    }

    /** Nobody is to write this one any more, which readers are not given. */
    public ModelGenerations dropping(int number) {
        if (number == live || number == next) {
            throw new IllegalStateException("Readers are given " + model + "@" + number);
        }
        return replacing(number, build -> build.in(State.DROPPING));
    }

    /** Nothing is left of this one. */
    public ModelGenerations dropped(int number) {
        return new ModelGenerations(
                model,
                lineage,
                decision,
                live,
                before,
                next,
                highest,
                builds.stream().filter(each -> each.number() != number).toList());
    }

    /** With what keeps one from being filled, or with nothing that does. */
    public ModelGenerations withProblem(int number, String problem) {
        return replacing(number, build -> build.with(problem));
    }

    private ModelGenerations replacing(int number, UnaryOperator<Build> change) {
        return new ModelGenerations(
                model,
                lineage,
                decision,
                live,
                before,
                next,
                highest,
                builds.stream()
                        .map(each -> each.number() == number ? change.apply(each) : each)
                        .toList());
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("format", FORMAT)
                .put("lineage", lineage)
                .put("decision", decision)
                .put("live", live)
                .put("before", before)
                .put("next", next)
                .put("highest", highest);
        ArrayNode all = json.putArray("generations");
        builds.forEach(build -> all.add(build.toJson()));
        return json;
    }

    static ModelGenerations fromJson(String model, JsonNode json) {
        int format = json.required("format").intValue();
        if (format != FORMAT) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "The generations of " + model + " are noted in format " + format + ", and this build knows "
                            + FORMAT + ": use the build that wrote them, or a newer one");
        }
        List<Build> builds = new ArrayList<>();
        json.required("generations").forEach(each -> builds.add(Build.fromJson(each)));
        return new ModelGenerations(
                model,
                json.required("lineage").textValue(),
                json.required("decision").intValue(),
                json.required("live").intValue(),
                json.required("before").intValue(),
                json.required("next").intValue(),
                json.required("highest").intValue(),
                builds);
    }
}
