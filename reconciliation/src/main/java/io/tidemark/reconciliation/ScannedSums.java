package io.tidemark.reconciliation;

import io.tidemark.model.RowKey;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentSums;
import io.tidemark.model.store.HashedDocument;
import io.tidemark.model.store.JsonbHash;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.model.store.SummingReader;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/** Sums and hashes of what a store hands out, for stores that cannot compute them. */
final class ScannedSums {

    private final DocumentReader reader;
    private final int batchSize;

    ScannedSums(DocumentReader reader, int batchSize) {
        this.reader = reader;
        this.batchSize = batchSize;
    }

    /** As {@link SummingReader#sums}, but of documents seen one after the other. */
    DocumentSums sums(String collection, int buckets, long position, Consumer<RowKey> newer) {
        if (reader instanceof SummingReader summing) {
            return summing.sums(collection, buckets, position, newer);
        }
        DocumentSums sums = new DocumentSums(buckets);
        reader.scan(collection, batchSize, batch -> {
            for (StoredDocument document : batch) {
                if (document.position() > position) {
                    newer.accept(document.key());
                } else {
                    long keyHash = JsonbHash.ofKey(document.key());
                    sums.add(sums.bucketOf(keyHash), 1, JsonbHash.of(document.body(), keyHash));
                }
            }
        });
        return sums;
    }

    /** As {@link SummingReader#hashes}. */
    void hashes(String collection, int buckets, BitSet of, Consumer<List<HashedDocument>> batches) {
        if (reader instanceof SummingReader summing) {
            summing.hashes(collection, buckets, of, batches);
            return;
        }
        DocumentSums division = new DocumentSums(buckets);
        reader.scan(collection, batchSize, batch -> {
            List<HashedDocument> hashed = new ArrayList<>();
            for (StoredDocument document : batch) {
                long keyHash = JsonbHash.ofKey(document.key());
                if (of.get(division.bucketOf(keyHash))) {
                    hashed.add(new HashedDocument(document.key(), JsonbHash.of(document.body(), keyHash)));
                }
            }
            batches.accept(hashed);
        });
    }
}
