package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The claims of one writer about one index. Each replaces the one known before, and no other: what somebody else wrote, or
 * what a restored snapshot holds instead, is looked at first. Not thread-safe.
 */
final class Claims {

    /** Another owner of a partition writes some claims more before it notices, not many. */
    private static final int MOST_ATTEMPTS = 10;

    private final ElasticsearchServer server;
    private final TidemarkIndex bookkeeping;
    private final Incarnation of;
    private final Map<Integer, StoredClaim> known = new HashMap<>();

    Claims(ElasticsearchServer server, TidemarkIndex bookkeeping, Incarnation of) {
        this.server = server;
        this.bookkeeping = bookkeeping;
        this.of = of;
    }

    /** Reads them all. */
    List<AppliedTidemark> read(int partitions) {
        known.clear();
        known.putAll(
                bookkeeping.claims(of, IntStream.range(0, partitions).boxed().toList()));
        List<AppliedTidemark> claims = new ArrayList<>();
        known.forEach((partition, stored) -> claims.add(new AppliedTidemark(partition, stored.tidemark())));
        return claims;
    }

    void forget(Collection<Integer> partitions) throws IOException {
        BulkLines lines = new BulkLines();
        partitions.forEach(partition -> lines.delete(bookkeeping.id(of, partition)));
        var answer = bookkeeping.bulk(lines);
        if (!answer.ok()) {
            throw server.failure(answer);
        }
        for (JsonNode item : answer.json().path("items")) {
            Optional<String> failure = failure(item.iterator().next(), 404);
            if (failure.isPresent()) {
                throw new TidemarkException(
                        ErrorCode.UNREACHABLE,
                        server.display() + " cannot forget what was applied of " + of.index() + ": " + failure.get());
            }
        }
        partitions.forEach(known::remove);
    }

    /**
     * Saves claims, but for those that are not newer than what is there. Empty when all are saved.
     *
     * @throws TidemarkException DATA_LOSS when what was there before is gone or older
     */
    Optional<String> save(List<AppliedTidemark> claims) throws IOException {
        List<AppliedTidemark> left = newer(claims);
        for (int attempt = 0; !left.isEmpty(); attempt++) {
            if (attempt == MOST_ATTEMPTS) {
                return Optional.of("somebody else keeps writing claims of " + of.index());
            }
            var answer = bookkeeping.bulk(lines(left));
            if (!answer.ok()) {
                return Optional.of(answer.error());
            }
            List<AppliedTidemark> conflicts = new ArrayList<>();
            Optional<String> failure = settle(left, answer.json().path("items"), conflicts);
            if (failure.isPresent()) {
                return failure;
            }
            lookAgain(conflicts);
            left = newer(conflicts);
        }
        return Optional.empty();
    }

    private List<AppliedTidemark> newer(List<AppliedTidemark> claims) {
        return claims.stream()
                .filter(claim -> {
                    StoredClaim stored = known.get(claim.partition());
                    return stored == null || claim.tidemark().compareTo(stored.tidemark()) > 0;
                })
                .toList();
    }

    private BulkLines lines(List<AppliedTidemark> claims) {
        BulkLines lines = new BulkLines();
        for (AppliedTidemark claim : claims) {
            String id = bookkeeping.id(of, claim.partition());
            String body =
                    Json.text(Json.object().put("tidemark", claim.tidemark().toString()));
            StoredClaim stored = known.get(claim.partition());
            if (stored == null) {
                lines.create(id, body);
            } else {
                lines.replace(id, stored.seqNo(), stored.primaryTerm(), body);
            }
        }
        return lines;
    }

    /** @param conflicts takes those that did not find what they were to replace */
    private Optional<String> settle(List<AppliedTidemark> claims, JsonNode items, List<AppliedTidemark> conflicts) {
        for (int i = 0; i < claims.size(); i++) {
            AppliedTidemark claim = claims.get(i);
            JsonNode result = items.path(i).elements().next();
            Optional<String> failure = failure(result, 409);
            if (failure.isPresent()) {
                return failure;
            }
            if (result.path("status").asInt() == 409) {
                conflicts.add(claim);
            } else {
                known.put(claim.partition(), StoredClaim.of(claim.tidemark(), result));
            }
        }
        return Optional.empty();
    }

    private Optional<String> failure(JsonNode result, int expected) {
        BulkResult.requireThere(result, TidemarkIndex.NAME, server);
        int status = result.path("status").asInt();
        return status < 300 || status == expected
                ? Optional.empty()
                : Optional.of(result.path("error").path("reason").asText("HTTP " + status));
    }

    private void lookAgain(List<AppliedTidemark> conflicts) {
        if (conflicts.isEmpty()) {
            return;
        }
        List<Integer> partitions =
                conflicts.stream().map(AppliedTidemark::partition).toList();
        Map<Integer, StoredClaim> stored = bookkeeping.claims(of, partitions);
        for (int partition : partitions) {
            StoredClaim before = known.get(partition);
            StoredClaim now = stored.get(partition);
            if (before != null && !reaches(now, before.tidemark())) {
                throw new TidemarkException(
                        ErrorCode.DATA_LOSS,
                        server.display() + " does not hold any more what was claimed of " + of.index()
                                + ": it was set back. What it lost must be filled again");
            }
            if (now == null) {
                known.remove(partition);
            } else {
                known.put(partition, now);
            }
        }
    }

    /** Of one number there is one content, whatever the LSN. */
    private static boolean reaches(@Nullable StoredClaim there, TidemarkRef ours) {
        return there != null && there.tidemark().number() >= ours.number();
    }
}
