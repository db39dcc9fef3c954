package io.tidemark.app.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.projections.ModelGenerations;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What {@code tidemark rebuild} would do to one read model, and what it would cost.
 *
 * @param generations empty for a model that never ran
 * @param changes what the file says otherwise than the live generation was built by
 * @param builds the generation that would be begun, or gone on with; 0 for none
 * @param assembles whether its documents would be assembled anew
 * @param records in the topics that would be read from their beginning
 * @param places each store with what the live generation takes there now, in bytes where that is known
 * @param warnings what would be lost or is in the way
 */
public record ModelPlan(
        String model,
        Optional<ModelGenerations> generations,
        List<PlannedChange> changes,
        int builds,
        boolean assembles,
        long records,
        Map<String, OptionalLong> places,
        List<String> warnings) {

    /** Whether the file is not what readers have, nor what is being built. */
    public boolean isChanged() {
        return !changes.isEmpty();
    }

    public ObjectNode json() {
        ObjectNode json = Json.object().put("model", model).put("changed", isChanged());
        ArrayNode kept = json.putArray("generations");
        generations.ifPresent(now -> now.builds().forEach(build -> kept.add(generation(now, build))));
        json.set("changes", PlannedChange.json(changes));
        ObjectNode rebuild = json.putObject("rebuild");
        rebuild.put("generation", builds).put("assembles", assembles).put("records", records);
        ObjectNode bytes = rebuild.putObject("bytes");
        places.forEach((store, size) -> bytes.put(store, size.isPresent() ? (Long) size.getAsLong() : null));
        ArrayNode said = json.putArray("warnings");
        warnings.forEach(said::add);
        return json;
    }

    private static ObjectNode generation(ModelGenerations now, ModelGenerations.Build build) {
        ObjectNode json = Json.object().put("number", build.number()).put("state", state(now, build));
        build.targets().forEach(json.putObject("targets")::put);
        return json;
    }

    private static String state(ModelGenerations now, ModelGenerations.Build build) {
        if (build.number() == now.live()) {
            return "live";
        }
        if (build.number() == now.next()) {
            return "promoting";
        }
        return build.state() == ModelGenerations.State.KEPT
                ? "old"
                : build.state().name().toLowerCase(Locale.ROOT);
    }

    /** For people. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(model + ": "
                + generations
                        .map(now -> now.builds().stream()
                                .map(build -> "@" + build.number() + " " + state(now, build))
                                .reduce((a, b) -> a + ", " + b)
                                .orElse(""))
                        .orElse("never built; 'tidemark run' does that"));
        changes.forEach(change -> lines.add("  " + change));
        if (builds > 0) {
            lines.add("  rebuild: generation " + builds + ", "
                    + (assembles ? "all its content made from the change topics" : "from the documents topic there is")
                    + ", " + records + " records to read");
            places.forEach((store, size) -> lines.add("  " + store + ": "
                    + (size.isPresent() ? size.getAsLong() + " bytes now, about as much again" : "about as much again")
                    + " until an old generation is dropped"));
        }
        warnings.forEach(warning -> lines.add("  mind: " + warning));
        return lines;
    }
}
