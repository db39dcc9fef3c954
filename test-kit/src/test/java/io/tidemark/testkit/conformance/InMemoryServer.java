package io.tidemark.testkit.conformance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.Mend;
import io.tidemark.model.store.MendOutcome;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.model.store.WriteOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/** A store's server: documents with versions, deletes it remembers for a time, and claims. Thread-safe. */
final class InMemoryServer {

    /** Nobody answered: what was asked may have been done. */
    static final class NoAnswer extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** The server takes no writes now. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    static final String POISON = "poison";

    private record Deleted(long position, long atNanos) {}

    /** What a backup holds. */
    private record Copy(
            Map<RowKey, StoredDocument> documents,
            Map<RowKey, Deleted> deleted,
            Map<Integer, TidemarkRef> claims,
            Map<Object, Long> writes) {}

    private final Defect defect;
    private final Map<RowKey, StoredDocument> documents = new LinkedHashMap<>();
    private final Map<RowKey, Deleted> deleted = new HashMap<>();
    private final Map<Integer, TidemarkRef> claims = new HashMap<>();
    private final Map<Object, Long> writes = new HashMap<>();
    private Copy backup = new Copy(Map.of(), Map.of(), Map.of(), Map.of());
    private Generation begun = new Generation("", 0, "");
    private int partitions;
    private int incarnation = 1;
    private int epoch;
    private int answersUntilLoss;
    private boolean lost;
    private volatile boolean alive = true;
    private boolean takesWrites = true;
    private Duration grace = Duration.ofHours(1);
    private long nanos;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    InMemoryServer(Defect defect) {
        this.defect = defect;
    }

    boolean isHeld() {
        return gate.getCount() > 0;
    }

    void awaitRelease() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoAnswer();
        }
    }

    /** A request with its answer, on the way of which either may get lost. */
    <T> T ask(Supplier<T> work) {
        awaitRelease();
        return answer(work);
    }

    private synchronized <T> T answer(Supplier<T> work) {
        if (!alive) {
            throw new NoAnswer();
        }
        T answer = work.get();
        if (answersUntilLoss > 0 && --answersUntilLoss == 0) {
            lost = true;
            throw new NoAnswer();
        }
        return answer;
    }

    synchronized Generation begin(Generation generation, int count) {
        if (begun.number() == 0) {
            begun = generation;
            partitions = count;
        }
        return begun;
    }

    synchronized int partitions() {
        return partitions;
    }

    synchronized int nextEpoch() {
        return ++epoch;
    }

    synchronized int epoch() {
        return epoch;
    }

    synchronized int incarnation() {
        return incarnation;
    }

    synchronized Duration grace() {
        return grace;
    }

    synchronized long nanos() {
        return nanos;
    }

    /** @param fenced whether versions count */
    synchronized WriteOutcome write(Document document, boolean fenced) {
        requireWritable();
        ObjectNode body = document.body();
        if (body != null && body.path("v").asText().startsWith(POISON)) {
            return new WriteOutcome.Rejected("poison is not taken");
        }
        long position = document.version().position();
        if (fenced && !isNewer(document)) {
            return WriteOutcome.stale();
        }
        if (body == null) {
            documents.remove(document.key());
            if (defect != Defect.FORGETS_DELETES) {
                deleted.put(document.key(), new Deleted(position, nanos));
            }
        } else {
            deleted.remove(document.key());
            documents.put(document.key(), new StoredDocument(document.key(), position, body));
        }
        return WriteOutcome.applied();
    }

    synchronized MendOutcome mend(Mend mend) {
        RowKey key = mend.document().key();
        if (!replaces(mend, storedPosition(key)) || !replaces(mend, deletedPosition(key))) {
            return MendOutcome.newer();
        }
        return write(mend.document(), false) instanceof WriteOutcome.Rejected rejected
                ? new MendOutcome.Refused(rejected.reason())
                : MendOutcome.mended();
    }

    private boolean replaces(Mend mend, long stored) {
        long position = mend.document().version().position();
        return switch (defect) {
            case MENDS_WHAT_IS_NEWER -> true;
            case MENDS_WHAT_IS_OLDER_ONLY -> stored < position || (stored == mend.found() && stored > position);
            case MENDS_NOT_WHAT_WAS_FOUND -> stored <= position;
            default -> mend.replaces(stored);
        };
    }

    private boolean isNewer(Document document) {
        boolean careless = defect == Defect.APPLIES_OLDER_VERSIONS
                || (defect == Defect.DOES_NOT_FENCE_DELETES && document.body() == null);
        long position = document.version().position();
        long stored = Math.max(storedPosition(document.key()), deletedPosition(document.key()));
        return careless || position > stored || (defect == Defect.APPLIES_EQUAL_VERSIONS && position == stored);
    }

    private long storedPosition(RowKey key) {
        StoredDocument stored = documents.get(key);
        return stored == null ? 0 : stored.position();
    }

    private long deletedPosition(RowKey key) {
        Deleted remembered = deleted.get(key);
        boolean forgotten = remembered == null || nanos - remembered.atNanos() > grace.toNanos();
        return forgotten ? 0 : remembered.position();
    }

    synchronized void save(List<AppliedTidemark> marks) {
        requireWritable();
        marks.forEach(mark -> claims.merge(
                mark.partition(),
                mark.tidemark(),
                (before, now) -> now.isAtLeast(before) || defect == Defect.CLAIMS_GO_BACK ? now : before));
    }

    /** A writer's count of its requests. */
    synchronized void count(Object writer, long now) {
        writes.put(writer, now);
    }

    synchronized long counted(Object writer) {
        return writes.getOrDefault(writer, -1L);
    }

    synchronized void forget(Set<Integer> partitionsToFill) {
        if (defect != Defect.FORGETS_NO_CLAIM) {
            claims.keySet().removeAll(partitionsToFill);
        }
    }

    synchronized void backUp() {
        backup = new Copy(
                new LinkedHashMap<>(documents), new HashMap<>(deleted), new HashMap<>(claims), new HashMap<>(writes));
    }

    synchronized void setBack() {
        replace(documents, backup.documents());
        replace(deleted, backup.deleted());
        replace(writes, backup.writes());
        if (defect != Defect.KEEPS_CLAIMS_APART) {
            replace(claims, backup.claims());
        }
    }

    private static <K, V> void replace(Map<K, V> all, Map<K, V> by) {
        all.clear();
        all.putAll(by);
    }

    private void requireWritable() {
        if (!takesWrites) {
            throw new Refused();
        }
    }

    synchronized List<AppliedTidemark> claims() {
        List<AppliedTidemark> all = new ArrayList<>();
        claims.forEach((partition, tidemark) -> all.add(new AppliedTidemark(partition, tidemark)));
        return all;
    }

    synchronized List<StoredDocument> documents() {
        return List.copyOf(documents.values());
    }

    synchronized void empty() {
        documents.clear();
        deleted.clear();
        writes.clear();
        incarnation++;
        if (defect != Defect.KEEPS_CLAIMS_OF_WHAT_IS_GONE) {
            claims.clear();
        }
    }

    synchronized void loseAnswer(int nth) {
        lost = false;
        answersUntilLoss = nth;
    }

    synchronized boolean answerWasLost() {
        return lost;
    }

    void hold() {
        gate = new CountDownLatch(1);
    }

    void release() {
        gate.countDown();
    }

    synchronized void alive(boolean yes) {
        alive = yes;
        if (yes && defect == Defect.RESTART_FORGETS_DELETES) {
            deleted.clear();
        }
    }

    synchronized void takesWrites(boolean yes) {
        takesWrites = yes;
    }

    synchronized void shortenGrace() {
        grace = Duration.ofMinutes(1);
    }

    synchronized void outlastGrace() {
        nanos += grace.toNanos() + 1;
    }
}
