package io.tidemark.testkit.conformance;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.GracePeriod;
import io.tidemark.model.store.NewestPerKey;
import io.tidemark.model.store.WriteOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** A writer that does everything right, but for its defect. It sends a batch in parts. */
final class InMemoryWriter implements DocumentWriter {

    private static final int PART = 100;

    private final InMemoryServer server;
    private final Generation generation;
    private final int partitions;
    private final Defect defect;
    private final GracePeriod grace;
    private final List<Document> sentLater = new ArrayList<>();
    private final Map<Integer, TidemarkRef> claimed = new HashMap<>();
    private long written;
    private int incarnation;
    private int epoch;

    InMemoryWriter(InMemoryServer server, Generation generation, int partitions, Defect defect) {
        this.server = server;
        this.generation = generation;
        this.partitions = partitions;
        this.defect = defect;
        this.grace = new GracePeriod(server::nanos, () -> Instant.EPOCH);
    }

    @Override
    public void open() {
        Generation begun = server.begin(generation, partitions);
        if (defect != Defect.TAKES_ANY_LINEAGE) {
            generation.requireSame("memory", begun.lineage(), server.partitions(), partitions);
        }
        if (defect == Defect.OPENS_EMPTY) {
            server.empty();
        }
        incarnation = server.incarnation();
        epoch = server.nextEpoch();
        written = 0;
        claimed.clear();
        server.count(this, written);
        grace.begin(server.grace());
    }

    @Override
    public List<AppliedTidemark> claims() {
        claimed.clear();
        if (defect == Defect.TELLS_NO_CLAIMS) {
            return List.of();
        }
        List<AppliedTidemark> held = server.claims();
        held.forEach(claim -> claimed.put(claim.partition(), claim.tidemark()));
        return held;
    }

    @Override
    public void forget(Set<Integer> partitionsToFill) {
        server.forget(partitionsToFill);
        claimed.keySet().removeAll(partitionsToFill);
    }

    @Override
    public void rejoin() {
        grace.confirm();
    }

    @Override
    public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
        if (server.isHeld() && defect == Defect.DOES_NOT_WAIT_FOR_THE_SERVER) {
            var unused = CompletableFuture.runAsync(() -> write(batch, claims));
            return Collections.nCopies(batch.size(), WriteOutcome.applied());
        }
        server.awaitRelease();
        requireOurs(claims);
        if (defect == Defect.CLAIMS_BEFORE_WRITING) {
            save(claims, batch);
        }
        List<WriteOutcome> outcomes = outcomes(batch);
        boolean settled = outcomes.stream().allMatch(WriteOutcome::settled);
        boolean claim = settled
                || (defect == Defect.CLAIMS_DESPITE_REJECTION
                        && outcomes.stream().noneMatch(WriteOutcome.Retriable.class::isInstance));
        server.count(this, ++written);
        return !claim || save(claims, batch)
                ? outcomes
                : Collections.nCopies(batch.size(), new WriteOutcome.Retriable("the claims are not saved"));
    }

    private void requireOurs(List<AppliedTidemark> claims) {
        if (defect != Defect.NEVER_OUT_OF_TOUCH) {
            grace.require(generation.toString());
        }
        if (server.incarnation() != incarnation && defect != Defect.CREATES_WHAT_IS_GONE) {
            throw new TidemarkException(ErrorCode.DATA_LOSS, "The store was emptied");
        }
        if (server.epoch() != epoch && defect == Defect.NEWEST_WRITER_OWNS_IT) {
            throw new TidemarkException(ErrorCode.FENCED, "Another writer took over");
        }
        if (lostWrites() || lostClaims(claims)) {
            throw new TidemarkException(ErrorCode.DATA_LOSS, "The store was set back");
        }
    }

    private boolean lostWrites() {
        return defect != Defect.CREATES_WHAT_IS_GONE
                && defect != Defect.NEVER_NOTICES_A_SET_BACK
                && defect != Defect.TRUSTS_CLAIMS_ALONE
                && server.counted(this) < written;
    }

    private boolean lostClaims(List<AppliedTidemark> next) {
        Set<Integer> looked = next.stream().map(AppliedTidemark::partition).collect(Collectors.toSet());
        Map<Integer, TidemarkRef> held = new HashMap<>();
        server.claims().forEach(claim -> held.put(claim.partition(), claim.tidemark()));
        return defect != Defect.CREATES_WHAT_IS_GONE
                && defect != Defect.NEVER_NOTICES_A_SET_BACK
                && !claimed.entrySet().stream()
                        .filter(ours -> looked.contains(ours.getKey()) || defect == Defect.GUARDS_OTHERS_CLAIMS)
                        .allMatch(ours -> held.getOrDefault(ours.getKey(), TidemarkRef.NONE)
                                .isAtLeast(ours.getValue()));
    }

    private List<WriteOutcome> outcomes(List<Document> batch) {
        if (defect == Defect.WRITES_DELETES_OF_A_BATCH_LAST) {
            return deletesLast(batch);
        }
        NewestPerKey newest =
                NewestPerKey.of(defect == Defect.TAKES_THE_FIRST_VERSION_OF_A_BATCH ? firsts(batch) : batch);
        List<WriteOutcome> outcomes = new ArrayList<>(newest.spread(send(newest.documents())));
        return bent(outcomes);
    }

    private List<WriteOutcome> bent(List<WriteOutcome> outcomes) {
        boolean rejected = outcomes.stream().anyMatch(WriteOutcome.Rejected.class::isInstance);
        if (defect == Defect.SAYS_APPLIED_FOR_REJECTED) {
            outcomes.replaceAll(each -> each instanceof WriteOutcome.Rejected ? WriteOutcome.applied() : each);
        } else if (defect == Defect.REJECTS_THE_WHOLE_BATCH && rejected) {
            outcomes.replaceAll(each -> new WriteOutcome.Rejected("one of the batch was"));
        } else if (defect == Defect.GIVES_OUTCOMES_IN_ANOTHER_ORDER) {
            outcomes.sort(Comparator.comparing(Object::toString));
        }
        return outcomes;
    }

    /** The version of a later document of the same key is given the body of the first. */
    private static List<Document> firsts(List<Document> batch) {
        List<Document> firsts = new ArrayList<>();
        for (Document document : batch) {
            Document first = batch.stream()
                    .filter(each -> each.key().equals(document.key()))
                    .findFirst()
                    .orElseThrow();
            firsts.add(first);
        }
        return firsts;
    }

    private List<WriteOutcome> deletesLast(List<Document> batch) {
        List<Document> sorted = new ArrayList<>(batch);
        sorted.sort(Comparator.comparing(each -> each.body() == null));
        List<WriteOutcome> outcomes = new ArrayList<>(Collections.nCopies(batch.size(), WriteOutcome.applied()));
        for (Document document : sorted) {
            boolean fenced = document.body() != null || batch.size() == 1;
            outcomes.set(
                    batch.indexOf(document), sendPart(List.of(document), fenced).get(0));
        }
        return outcomes;
    }

    private List<WriteOutcome> send(List<Document> documents) {
        List<Document> late = List.copyOf(sentLater);
        sentLater.clear();
        List<WriteOutcome> outcomes = new ArrayList<>();
        for (int from = 0; from < documents.size(); from += PART) {
            outcomes.addAll(sendPart(documents.subList(from, Math.min(documents.size(), from + PART)), true));
        }
        late.forEach(each -> sendPart(List.of(each), false));
        return outcomes;
    }

    private List<WriteOutcome> sendPart(List<Document> part, boolean fenced) {
        try {
            return server.ask(
                    () -> part.stream().map(each -> server.write(each, fenced)).toList());
        } catch (InMemoryServer.NoAnswer | InMemoryServer.Refused e) {
            return failed(part, e);
        }
    }

    private List<WriteOutcome> failed(List<Document> part, RuntimeException e) {
        if (defect == Defect.THROWS_WHEN_THE_SERVER_IS_DOWN && e instanceof InMemoryServer.NoAnswer) {
            throw new TidemarkException(ErrorCode.UNREACHABLE, "The server is down");
        }
        if (defect == Defect.SENDS_A_FAILED_PART_LATER) {
            sentLater.addAll(part);
        }
        WriteOutcome outcome =
                switch (defect) {
                    case SWALLOWS_A_FAILED_PART -> WriteOutcome.applied();
                    case CALLS_PASSING_FAILURES_REJECTED -> new WriteOutcome.Rejected(e.toString());
                    default -> new WriteOutcome.Retriable(e.toString());
                };
        return Collections.nCopies(part.size(), outcome);
    }

    private boolean save(List<AppliedTidemark> claims, List<Document> batch) {
        if (claims.isEmpty()) {
            return true;
        }
        try {
            server.ask(() -> {
                server.save(claims);
                return claims;
            });
            claims.forEach(claim -> claimed.merge(
                    claim.partition(), claim.tidemark(), (before, now) -> now.isAtLeast(before) ? now : before));
            return true;
        } catch (InMemoryServer.NoAnswer | InMemoryServer.Refused e) {
            if (batch.isEmpty()) {
                throw new TidemarkException(ErrorCode.UNREACHABLE, "The claims cannot be saved");
            }
            return false;
        }
    }

    @Override
    public void close() {
        sentLater.clear();
    }
}
