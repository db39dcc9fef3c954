package io.tidemark.reconciliation;

import io.tidemark.model.RowKey;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentSums;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a collection under which its two sides may differ: all others certainly hold the same.
 *
 * <p>Both sides divide their documents into buckets and add up hashes, see {@link DocumentSums}. The store adds up what
 * the horizon covers, which is as the snapshot of the source has it unless it drifted; what it holds of a later position
 * is suspect anyway, and is taken out of the source's sums. In buckets that differ then, hashes are compared one by one.
 * A hash that is made differently on the two sides makes a key suspect, and no more than that.
 *
 * @param compared documents of the source
 */
record Suspects(long compared, Set<RowKey> keys) {

    /** Hashes of one side in memory. */
    private static final int MAX_HASHES = 100_000;

    private static final int DOCUMENTS_PER_BUCKET = 128;
    private static final int MIN_BUCKETS = 1 << 10;
    private static final int MAX_BUCKETS = 1 << 18;
    private static final int BUCKETS_WITHOUT_STATISTICS = 1 << 15;
    private static final int KEYS_PER_QUERY = 1_000;

    /**
     * Looks for them.
     *
     * @param limits bounds the keys of later positions
     * @param progress takes the number of the source's documents that were summed up so far
     * @return empty when there are too many: then every document is better compared by itself
     */
    static Optional<Suspects> find(
            String collection,
            ExpectedDocuments expected,
            DocumentReader reader,
            Horizon horizon,
            ReconcileLimits limits,
            LongConsumer progress) {
        int buckets = buckets(expected.estimate());
        ScannedSums stored = new ScannedSums(reader, limits.chunkSize());
        Set<RowKey> suspects = new LinkedHashSet<>();
        int most = limits.maxInFlight();
        DocumentSums found;
        DocumentSums sums;
        try (Summing source = new Summing(expected, buckets, progress)) {
            found = stored.sums(collection, buckets, horizon.position(), key -> {
                if (suspects.size() <= most) {
                    suspects.add(key);
                }
            });
            sums = source.result();
        }
        if (suspects.size() > most) {
            return Optional.empty();
        }
        long compared = sums.count();
        subtract(List.copyOf(suspects), expected, sums);
        BitSet differing = sums.differing(found);
        if (Math.max(sums.count(differing), found.count(differing)) > MAX_HASHES) {
            return Optional.empty();
        }
        if (!differing.isEmpty()) {
            addThoseOf(differing, buckets, collection, expected, stored, suspects);
        }
        return Optional.of(new Suspects(compared, suspects));
    }

    private static int buckets(long documents) {
        if (documents < 0) {
            return BUCKETS_WITHOUT_STATISTICS;
        }
        long wanted = Long.highestOneBit(Math.max(1, documents / DOCUMENTS_PER_BUCKET)) << 1;
        return (int) Math.max(MIN_BUCKETS, Math.min(MAX_BUCKETS, wanted));
    }

    private static void subtract(List<RowKey> keys, ExpectedDocuments expected, DocumentSums sums) {
        for (int from = 0; from < keys.size(); from += KEYS_PER_QUERY) {
            List<RowKey> some = keys.subList(from, Math.min(keys.size(), from + KEYS_PER_QUERY));
            expected.subtract(List.copyOf(expected.present(some)), sums);
        }
    }

    private static void addThoseOf(
            BitSet differing,
            int buckets,
            String collection,
            ExpectedDocuments expected,
            ScannedSums stored,
            Set<RowKey> suspects) {
        Map<RowKey, Long> hashes = expected.hashes(buckets, differing);
        stored.hashes(
                collection,
                buckets,
                differing,
                batch -> batch.forEach(document -> {
                    @Nullable Long hash = hashes.remove(document.key());
                    if (hash == null || hash != document.hash()) {
                        suspects.add(document.key());
                    }
                }));
        suspects.addAll(hashes.keySet());
    }

    /** The source sums up while the store does. */
    private static final class Summing implements AutoCloseable {

        private final ExpectedDocuments expected;
        private final CompletableFuture<DocumentSums> sums;

        Summing(ExpectedDocuments expected, int buckets, LongConsumer progress) {
            this.expected = expected;
            this.sums = CompletableFuture.supplyAsync(
                    () -> expected.sums(buckets, progress), task -> new Thread(task, "sums of the source").start());
        }

        DocumentSums result() {
            try {
                return sums.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }

        /** After a failure nothing is expected any more. */
        @Override
        public void close() {
            if (!sums.isDone()) {
                expected.abort();
                sums.handle((any, failure) -> any).join();
            }
        }
    }
}
