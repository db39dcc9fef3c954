package io.tidemark.stores.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.RowKey;
import io.tidemark.model.store.Division;
import io.tidemark.model.store.DocumentSums;
import io.tidemark.model.store.HashedDocument;
import io.tidemark.model.store.JsonbHash;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.model.store.SummingReader;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the warehouse computes, beside what Tidemark computes of the documents it hands out. */
final class Hashed {

    static final Division DIVISION = new Division(4, -4_711);

    private Hashed() {}

    /** Checks all there is, and each half of the positions. */
    static void assertAsHandedOut(SummingReader reader, String collection, List<StoredDocument> all) {
        List<HashedDocument> hashes = new ArrayList<>();
        BitSet everyBucket = new BitSet();
        everyBucket.set(0, DIVISION.buckets());
        reader.hashes(collection, DIVISION, everyBucket, hashes::addAll);
        assertThat(hashes).hasSameSizeAs(all);
        assertThat(new HashSet<>(hashes))
                .isEqualTo(all.stream().map(Hashed::hashed).collect(Collectors.toSet()));

        long middle = all.stream()
                .mapToLong(StoredDocument::position)
                .sorted()
                .skip(all.size() / 2)
                .findFirst()
                .orElse(0);
        assertSums(reader, collection, all, middle);
        assertSums(reader, collection, all, Long.MAX_VALUE);
    }

    private static void assertSums(SummingReader reader, String collection, List<StoredDocument> all, long position) {
        List<RowKey> newer = new ArrayList<>();
        DocumentSums sums = reader.sums(collection, DIVISION, position, newer::add, () -> {});

        Map<Boolean, List<StoredDocument>> expected =
                all.stream().collect(Collectors.partitioningBy(each -> each.position() <= position));
        List<StoredDocument> summed = expected.get(true);
        assertThat(newer).hasSameSizeAs(expected.get(false));
        assertThat(new HashSet<>(newer))
                .isEqualTo(expected.get(false).stream().map(StoredDocument::key).collect(Collectors.toSet()));
        assertThat(sums.count()).isEqualTo(summed.size());
        assertThat(sums.differing(sums(summed)).isEmpty()).isTrue();
    }

    private static DocumentSums sums(List<StoredDocument> documents) {
        DocumentSums sums = new DocumentSums(DIVISION);
        documents.forEach(each ->
                sums.add(DIVISION.bucketOf(keyHash(each)), 1, hashed(each).hash()));
        return sums;
    }

    private static HashedDocument hashed(StoredDocument document) {
        return new HashedDocument(document.key(), JsonbHash.of(document.body(), keyHash(document)));
    }

    private static long keyHash(StoredDocument document) {
        return JsonbHash.ofKey(document.key(), DIVISION);
    }
}
