package io.tidemark.app.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.Freshness;
import java.util.List;
import java.util.Optional;

/**
 * What read models say to a read token, each in each of its stores; {@code tidemark wait} prints it and {@code /wait}
 * answers it.
 */
public record FreshnessReport(Lsn token, List<Answer> answers) {

    public FreshnessReport {
        answers = List.copyOf(answers);
    }

    /**
     * One store's.
     *
     * @param problem why the store has not said how far it is; empty when it has
     */
    public record Answer(Place place, Freshness freshness, Optional<String> problem) {

        /** Of a store that has said how far it is. */
        public static Answer of(Place place, Freshness freshness) {
            return new Answer(place, freshness, Optional.empty());
        }

        boolean isFresh() {
            return freshness instanceof Freshness.Fresh;
        }
    }

    /**
     * Reads a token as {@code tidemark token} prints it.
     *
     * @throws TidemarkException USAGE when it is none
     */
    public static Lsn token(String text) {
        try {
            return Lsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TidemarkException(
                    ErrorCode.USAGE,
                    "'" + text + "' is no read token; 'tidemark token' prints one, such as 0/16B3748",
                    e);
        }
    }

    /** Whether all are fresh. */
    public boolean isFresh() {
        return answers.stream().allMatch(Answer::isFresh);
    }

    public ObjectNode json() {
        ObjectNode json = Json.object().put("token", token.toString()).put("fresh", isFresh());
        ArrayNode models = json.putArray("read_models");
        answers.forEach(answer -> models.add(json(answer)));
        return json;
    }

    private static ObjectNode json(Answer answer) {
        ObjectNode json = Json.object()
                .put("model", answer.place().model())
                .put("store", answer.place().store())
                .put("fresh", answer.isFresh());
        if (answer.freshness() instanceof Freshness.Stale stale) {
            json.put(
                    "applied_tidemark",
                    stale.applied().map(TidemarkRef::toString).orElse(null));
            json.put(
                    "behind_bytes",
                    stale.behindBytes().isPresent()
                            ? (Long) Math.max(0L, stale.behindBytes().getAsLong())
                            : null);
            answer.problem().ifPresent(problem -> json.put("error", problem));
        } else if (answer.freshness() instanceof Freshness.Fresh fresh) {
            json.put("applied_tidemark", fresh.applied().toString());
        }
        return json;
    }
}
