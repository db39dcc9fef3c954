package io.tidemark.reconciliation;

import io.tidemark.model.RowKey;
import io.tidemark.model.store.Division;
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
    private final ComparedCollection collection;
    private final Division division;
    private final int batchSize;

    ScannedSums(DocumentReader reader, ComparedCollection collection, Division division, int batchSize) {
        this.reader = reader;
        this.collection = collection;
        this.division = division;
        this.batchSize = batchSize;
    }

    /**
     * As {@link SummingReader#sums}, but of documents seen one after the other.
     *
     * @param foreign takes documents under keys that no document of the collection can have, which are not summed up
     */
    DocumentSums sums(long position, Consumer<RowKey> newer, Consumer<StoredDocument> foreign, Runnable goOn) {
        if (reader instanceof SummingReader summing) {
            return summing.sums(collection.name(), division, position, newer, goOn);
        }
        DocumentSums sums = new DocumentSums(division);
        reader.scan(collection.name(), batchSize, batch -> {
            goOn.run();
            for (StoredDocument document : batch) {
                if (!collection.mayHave(document.key())) {
                    foreign.accept(document);
                } else if (document.position() > position) {
                    newer.accept(document.key());
                } else {
                    long keyHash = JsonbHash.ofKey(document.key(), division);
                    sums.add(division.bucketOf(keyHash), 1, JsonbHash.of(document.body(), keyHash));
                }
            }
        });
        return sums;
    }

    /** As {@link SummingReader#hashes}; keys that no document of the collection can have are in no bucket. */
    void hashes(BitSet of, Consumer<List<HashedDocument>> batches) {
        if (reader instanceof SummingReader summing) {
            summing.hashes(collection.name(), division, of, batches);
            return;
        }
        reader.scan(collection.name(), batchSize, batch -> {
            List<HashedDocument> hashed = new ArrayList<>();
            for (StoredDocument document : batch) {
                if (collection.mayHave(document.key())) {
                    long keyHash = JsonbHash.ofKey(document.key(), division);
                    if (of.get(division.bucketOf(keyHash))) {
                        hashed.add(new HashedDocument(document.key(), JsonbHash.of(document.body(), keyHash)));
                    }
                }
            }
            batches.accept(hashed);
        });
    }
}
