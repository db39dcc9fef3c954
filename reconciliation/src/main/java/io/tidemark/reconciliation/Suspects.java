package io.tidemark.reconciliation;

import io.tidemark.model.RowKey;
import io.tidemark.model.store.Division;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentSums;
import io.tidemark.model.store.StoredDocument;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a collection under which its two sides may differ: all others hold the same, unless 64 bits collide.
 *
 * <p>Both sides divide their documents into buckets and add up hashes, see {@link DocumentSums}. The store adds up what
 * the horizon covers, which is as the snapshot of the source has it unless it drifted; what it holds of a later position
 * is suspect anyway, and is taken out of the source's sums. In buckets that differ then, hashes are compared one by one.
 * A hash that is made differently on the two sides makes a key suspect, and no more than that.
 *
 * @param compared documents of the source
 * @param newer keys of which the store holds what the horizon does not cover
 * @param differing other keys whose hashes differ, or that only one side has
 * @param foreign what the store holds under keys that no document of the collection can have
 */
record Suspects(long compared, Set<RowKey> newer, Set<RowKey> differing, List<StoredDocument> foreign) {

    /** Hashes of one side in memory. */
    private static final int MAX_HASHES = 200_000;

    private static final int DOCUMENTS_PER_BUCKET = 64;
    /** So many that they do for a large table without statistics. */
    private static final int MIN_BUCKETS = 1 << 14;

    private static final int MAX_BUCKETS = 1 << 20;
    private static final int MAX_FOREIGN = 1_000;
    private static final int KEYS_PER_QUERY = 1_000;

    /**
     * Looks for them.
     *
     * @param limits bounds the keys of later positions
     * @param progress takes the number of the source's documents that were summed up so far
     * @return empty when there are too many: then every document is better compared by itself
     */
    static Optional<Suspects> find(
            ComparedCollection collection,
            ExpectedDocuments expected,
            DocumentReader reader,
            Horizon horizon,
            ReconcileLimits limits,
            LongConsumer progress) {
        Division division = new Division(
                buckets(expected.estimate()), ThreadLocalRandom.current().nextLong());
        ScannedSums stored = new ScannedSums(reader, collection, division, limits.chunkSize());
        Set<RowKey> newer = new LinkedHashSet<>();
        List<StoredDocument> foreign = new ArrayList<>();
        int most = limits.maxInFlight();
        DocumentSums found;
        DocumentSums sums;
        try (Summing source = new Summing(expected, division, progress)) {
            found = stored.sums(
                    horizon.position(),
                    key -> addUpTo(most, newer, key),
                    document -> addUpTo(MAX_FOREIGN, foreign, document),
                    source::requireGoingOn);
            sums = source.result();
        }
        if (newer.size() > most || foreign.size() > MAX_FOREIGN) {
            return Optional.empty();
        }
        long compared = sums.count();
        newer.addAll(subtract(new ArrayList<>(newer), expected, division, sums));
        BitSet buckets = sums.differing(found);
        if (Math.max(sums.count(buckets), found.count(buckets)) > MAX_HASHES) {
            return Optional.empty();
        }
        if (buckets.isEmpty()) {
            return Optional.of(new Suspects(compared, newer, Set.of(), foreign));
        }
        Set<RowKey> differing = differing(buckets, division, expected, stored);
        if (differing.isEmpty()) {
            return Optional.empty(); // whatever made sums differ must be found
        }
        differing.removeAll(newer); // which are looked at once
        return Optional.of(new Suspects(compared, newer, differing, foreign));
    }

    /** One more than the most says that there are too many. */
    private static <T> void addUpTo(int most, Collection<T> all, T one) {
        if (all.size() <= most) {
            all.add(one);
        }
    }

    private static Set<RowKey> differing(
            BitSet buckets, Division division, ExpectedDocuments expected, ScannedSums stored) {
        Map<RowKey, Long> hashes = expected.hashes(division, buckets);
        Set<RowKey> differing = new LinkedHashSet<>();
        stored.hashes(
                buckets,
                batch -> batch.forEach(document -> {
                    @Nullable Long hash = hashes.remove(document.key());
                    if (hash == null || hash != document.hash()) {
                        differing.add(document.key());
                    }
                }));
        differing.addAll(hashes.keySet());
        return differing;
    }

    private static int buckets(long documents) {
        long wanted = Long.highestOneBit(Math.max(1, documents / DOCUMENTS_PER_BUCKET)) << 1;
        return (int) Math.max(MIN_BUCKETS, Math.min(MAX_BUCKETS, wanted));
    }

    /** The documents may have other keys than a store tells: a source finds "07" where there is 7. */
    private static Set<RowKey> subtract(
            List<RowKey> keys, ExpectedDocuments expected, Division division, DocumentSums sums) {
        Set<RowKey> subtracted = new LinkedHashSet<>();
        for (int from = 0; from < keys.size(); from += KEYS_PER_QUERY) {
            List<RowKey> some = keys.subList(from, Math.min(keys.size(), from + KEYS_PER_QUERY));
            List<RowKey> others =
                    some.stream().filter(key -> !subtracted.contains(key)).toList();
            subtracted.addAll(expected.subtract(others, division, sums));
        }
        return subtracted;
    }

    /** The source sums up while the store does. */
    private static final class Summing implements AutoCloseable {

        private final CompletableFuture<DocumentSums> sums;
        private volatile boolean ended;

        Summing(ExpectedDocuments expected, Division division, LongConsumer progress) {
            this.sums = CompletableFuture.supplyAsync(
                    () -> expected.sums(division, count -> goOn(progress, count)),
                    task -> new Thread(task, "sums of the source").start());
        }

        private void goOn(LongConsumer progress, long count) {
            if (ended) {
                throw new CancellationException("The store could not be summed up");
            }
            progress.accept(count);
        }

        /** Throws what the source failed with. */
        void requireGoingOn() {
            if (sums.isCompletedExceptionally()) {
                result();
            }
        }

        DocumentSums result() {
            try {
                return sums.join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }

        /** The snapshot is free for others when this returns. */
        @Override
        public void close() {
            ended = true;
            sums.handle((any, failure) -> any).join();
        }
    }
}
