package io.tidemark.reconciliation;

import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.model.store.SummingReader;
import io.tidemark.reconciliation.Alignment.Outcome;
import io.tidemark.reconciliation.Alignment.Outcome.Aligned;
import io.tidemark.reconciliation.Alignment.Outcome.Behind;
import io.tidemark.reconciliation.Judgement.Drifted;
import io.tidemark.reconciliation.Judgement.InFlight;
import io.tidemark.reconciliation.Judgement.Sighting;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One run: everything is compared under one snapshot, then what was in flight is looked at again under new ones.
 * Memory holds a chunk of each side, what {@link Findings} and {@link Suspects} keep, and the keys in flight.
 */
final class Comparison {

    private final SourceSettings source;
    private final ReconcileLimits limits;
    private final ComparedModel model;
    private final DocumentReader reader;
    private final Progress progress;
    private final Alignment alignment;
    private final Findings findings;
    private final DriftedKeys drifted;

    Comparison(
            SourceSettings source,
            TidemarkLog log,
            ReconcileLimits limits,
            ComparedModel model,
            String store,
            DocumentReader reader,
            Progress progress,
            Standstill standstill) {
        this.source = source;
        this.limits = limits;
        this.model = model;
        this.reader = reader;
        this.progress = progress;
        this.alignment = new Alignment(log, reader, limits.timeout(), standstill);
        this.findings = new Findings(model, store, limits);
        this.drifted = new DriftedKeys(limits.maxInFlight());
    }

    Report run() {
        try (SourceSnapshot snapshot = takeSnapshot()) {
            Outcome outcome = alignment.await(snapshot.taken());
            if (outcome instanceof Behind behind) {
                return findings.notCompared(behind.reason());
            }
            compareEverything(snapshot, ((Aligned) outcome).horizon());
        }
        checkAgain();
        return findings.report();
    }

    /** What drifted, once it has run. */
    DriftedKeys drifted() {
        return drifted;
    }

    private SourceSnapshot takeSnapshot() {
        return SourceSnapshot.open(source, model.tables(), limits.timeout());
    }

    private void compareEverything(SourceSnapshot snapshot, Horizon horizon) {
        findings.comparedAt(new TidemarkRef(horizon.position(), snapshot.taken().lsn()));
        for (ComparedCollection collection : model.collections()) {
            ExpectedDocuments documents = snapshot.documents(collection);
            if (model.scope() instanceof Scope.Keys keys) {
                compareKeys(collection, keys.in(collection), documents, horizon);
            } else if (model.scope() instanceof Scope.Sample sample) {
                compareSample(collection, sample, documents, horizon);
            } else {
                compareAll(collection, documents, horizon);
            }
        }
    }

    private void compareKeys(
            ComparedCollection collection, List<RowKey> asked, ExpectedDocuments documents, Horizon horizon) {
        int compared = inChunks(asked, some -> {
            List<RowKey> keys = documents.spelled(some);
            Set<RowKey> nowhere = new HashSet<>();
            int expired = keys.isEmpty() ? 0 : look(collection, keys, documents, key -> null, horizon, nowhere::add);
            // What no row can have is nowhere, too.
            findings.addNowhere(nowhere.size() + some.size() - keys.size());
            return keys.size() - expired - nowhere.size();
        });
        progress.compared(collection.name(), findings.addCompared(compared));
    }

    private void compareSample(
            ComparedCollection collection, Scope.Sample sample, ExpectedDocuments documents, Horizon horizon) {
        documents.sample(sample, limits.chunkSize(), chunk -> {
            int compared = compareExpected(collection, chunk, horizon);
            progress.compared(collection.name(), findings.addCompared(compared));
        });
    }

    private void compareAll(ComparedCollection collection, ExpectedDocuments documents, Horizon horizon) {
        Optional<Suspects> suspects = documents.canBeHashed()
                ? Suspects.find(
                        collection,
                        documents,
                        reader,
                        horizon,
                        limits,
                        summed -> progress.compared(collection.name(), findings.compared() + summed))
                : Optional.empty();
        if (suspects.isPresent()) {
            compareSuspects(collection, suspects.get(), documents, horizon);
        } else {
            compareEach(collection, documents, horizon);
        }
    }

    private void compareSuspects(
            ComparedCollection collection, Suspects suspects, ExpectedDocuments documents, Horizon horizon) {
        int expired = inChunks(suspects.newer(), keys -> look(collection, keys, documents, key -> null, horizon));
        Set<RowKey> nowhere = new HashSet<>();
        expired += inChunks(
                suspects.differing(), keys -> look(collection, keys, documents, key -> null, horizon, nowhere::add));
        findings.addCompared(suspects.compared() - expired);
        compareStored(collection, suspects.foreign(), documents, horizon);
        if (!nowhere.isEmpty() && !(reader instanceof SummingReader)) {
            compareShown(collection, nowhere, horizon);
        }
    }

    /** What a store showed but does not find by its key, and the source does not have. */
    private void compareShown(ComparedCollection collection, Set<RowKey> keys, Horizon horizon) {
        reader.scan(collection.name(), limits.chunkSize(), batch -> batch.stream()
                .filter(document -> keys.contains(document.key()))
                .forEach(document -> judge(collection, document.key(), null, document, null, horizon)));
    }

    /** Every document of both sides. */
    private void compareEach(ComparedCollection collection, ExpectedDocuments documents, Horizon horizon) {
        documents.stream(limits.chunkSize(), chunk -> {
            int compared = compareExpected(collection, chunk, horizon);
            progress.compared(collection.name(), findings.addCompared(compared));
        });
        reader.scan(
                collection.name(), limits.chunkSize(), batch -> compareStored(collection, batch, documents, horizon));
    }

    /** How many were compared: all but those that expired in the store. */
    private int compareExpected(ComparedCollection collection, List<ExpectedDocument> chunk, Horizon horizon) {
        List<RowKey> keys = chunk.stream().map(ExpectedDocument::key).toList();
        Map<RowKey, StoredDocument> stored = reader.get(collection.name(), keys);
        Set<RowKey> expired = expired(collection, keys, stored);
        for (ExpectedDocument expected : chunk) {
            if (expired.contains(expected.key())) {
                continue;
            }
            judge(collection, expected.key(), expected, stored.get(expected.key()), null, horizon);
        }
        return chunk.size() - expired.size();
    }

    /** What expired is neither missing nor anything else. */
    private Set<RowKey> expired(ComparedCollection collection, List<RowKey> keys, Map<RowKey, StoredDocument> stored) {
        List<RowKey> absent =
                keys.stream().filter(key -> !stored.containsKey(key)).toList();
        return absent.isEmpty() ? Set.of() : reader.expired(collection.name(), absent);
    }

    /** Only what the source lacks is of interest here: the rest was compared from its side. */
    private void compareStored(
            ComparedCollection collection, List<StoredDocument> batch, ExpectedDocuments documents, Horizon horizon) {
        Set<RowKey> present =
                documents.present(batch.stream().map(StoredDocument::key).toList());
        for (StoredDocument stored : batch) {
            if (!present.contains(stored.key())) {
                judge(collection, stored.key(), null, stored, null, horizon);
            }
        }
    }

    private void checkAgain() {
        for (int round = 1; round <= limits.maxRounds() && findings.anyInFlight(); round++) {
            try (SourceSnapshot snapshot = takeSnapshot()) {
                Outcome outcome = alignment.await(snapshot.taken());
                if (outcome instanceof Behind behind) {
                    findings.undecidedFor(behind.reason());
                    return;
                }
                Horizon horizon = ((Aligned) outcome).horizon();
                findings.takeInFlight()
                        .forEach((collection, sightings) -> inChunks(
                                sightings.keySet(),
                                keys -> look(
                                        collection, keys, snapshot.documents(collection), sightings::get, horizon)));
            }
        }
        findings.undecidedFor("some documents were in flight at each of " + limits.maxRounds() + " more looks");
    }

    private int inChunks(Collection<RowKey> keys, ToIntFunction<List<RowKey>> work) {
        List<RowKey> all = List.copyOf(keys);
        int sum = 0;
        for (int from = 0; from < all.size(); from += limits.chunkSize()) {
            sum += work.applyAsInt(all.subList(from, Math.min(from + limits.chunkSize(), all.size())));
        }
        return sum;
    }

    private int look(
            ComparedCollection collection,
            List<RowKey> keys,
            ExpectedDocuments documents,
            Function<RowKey, @Nullable Sighting> before,
            Horizon horizon) {
        return look(collection, keys, documents, before, horizon, key -> {});
    }

    /**
     * Looks at both sides of some keys.
     *
     * @param nowhere takes keys that neither side has
     * @return how many of the source's expired
     */
    private int look(
            ComparedCollection collection,
            List<RowKey> keys,
            ExpectedDocuments documents,
            Function<RowKey, @Nullable Sighting> before,
            Horizon horizon,
            Consumer<RowKey> nowhere) {
        Map<RowKey, ExpectedDocument> expected = documents.of(keys);
        Map<RowKey, StoredDocument> stored = reader.get(collection.name(), keys);
        Set<RowKey> expired = expired(collection, keys, stored);
        for (RowKey key : keys) {
            if (!expected.containsKey(key) && !stored.containsKey(key)) {
                nowhere.accept(key);
            } else if (!expired.contains(key)) {
                judge(collection, key, expected.get(key), stored.get(key), before.apply(key), horizon);
            }
        }
        return (int) expired.stream().filter(expected::containsKey).count();
    }

    private void judge(
            ComparedCollection collection,
            RowKey key,
            @Nullable ExpectedDocument expected,
            @Nullable StoredDocument stored,
            @Nullable Sighting before,
            Horizon horizon) {
        Judgement judgement = Judgement.of(expected, stored, before, horizon);
        if (judgement instanceof Drifted drifted) {
            findings.addDrift(Drift.of(drifted.kind(), collection.name(), key, expected, stored));
            this.drifted.add(collection, key, stored == null ? 0 : stored.position());
        } else if (judgement instanceof InFlight inFlight) {
            findings.addInFlight(collection, key, inFlight.sighting());
        }
    }
}
