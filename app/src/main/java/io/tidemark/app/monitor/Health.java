package io.tidemark.app.monitor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Whether every part moves, or has nothing to do. */
public record Health(List<Part> parts) {

    public Health {
        parts = List.copyOf(parts);
    }

    /** How a part is. */
    public enum Standing {
        /** It has work, and has moved not too long ago. */
        MOVES,
        /** It has nothing to do. */
        IDLE,
        /** It has work and has not moved for too long. */
        STOPPED
    }

    /**
     * A part.
     *
     * @param waitsFor what it does not move without; of use only when it stopped
     * @param unmoved how long it has had work and not moved
     */
    public record Part(String name, Standing standing, String waitsFor, Duration unmoved) {}

    public boolean isHealthy() {
        return parts.stream().noneMatch(part -> part.standing() == Standing.STOPPED);
    }

    /** For people and monitors, as of now. */
    public ObjectNode json(Instant now) {
        ObjectNode json = Json.object().put("healthy", isHealthy());
        ArrayNode partsJson = json.putArray("parts");
        parts.forEach(part -> partsJson.add(json(part, now)));
        return json;
    }

    private static ObjectNode json(Part part, Instant now) {
        ObjectNode json = Json.object()
                .put("part", part.name())
                .put("standing", part.standing().name().toLowerCase(Locale.ROOT));
        if (part.standing() == Standing.STOPPED) {
            json.put("waits_for", part.waitsFor())
                    .put("since", now.minus(part.unmoved()).toString())
                    .put("seconds", part.unmoved().toSeconds());
        }
        return json;
    }
}
