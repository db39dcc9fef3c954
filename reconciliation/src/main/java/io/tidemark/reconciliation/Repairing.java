package io.tidemark.reconciliation;

import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentBody;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.Mend;
import io.tidemark.model.store.MendOutcome;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.reconciliation.Alignment.Outcome.Aligned;
import io.tidemark.reconciliation.Alignment.Outcome.Behind;
import io.tidemark.reconciliation.DriftedKeys.Drifted;
import io.tidemark.reconciliation.Judgement.InFlight;
import io.tidemark.reconciliation.Judgement.Same;
import io.tidemark.reconciliation.Judgement.Sighting;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Mends documents that drifted, in rounds. A round takes a new snapshot of the source, waits until the store has applied
 * what it sees, judges each document again and writes what has drifted as the snapshot has it, as of the horizon's
 * position. That is sound where the snapshot sees nothing past the position: what the store applied of later positions
 * says so and is left alone, and what comes later is newer. A document is done when a later round finds it right.
 */
final class Repairing {

    private static final int DOCUMENTS_AT_ONCE = 200;
    private static final int LEFT_KEPT = 1_000;

    private final SourceSettings source;
    private final ReconcileLimits limits;
    private final ComparedModel model;
    private final DocumentReader reader;
    private final DocumentMender mender;
    private final Predicate<RowKey> parked;
    private final Alignment alignment;
    private final Map<ComparedCollection, Map<RowKey, State>> open = new LinkedHashMap<>();
    private final Map<ComparedCollection, List<Drifted>> foreign = new LinkedHashMap<>();
    private final List<Repair.Left> left = new ArrayList<>();
    /** Position of the newest horizon; -1 before the first. */
    private long newest = -1;

    private long leftCount;
    private long mendedCount;
    private long rightAgain;
    private long parkedCount;

    /**
     * What is known of a document under repair.
     *
     * @param sighting how it was seen last
     * @param found whether it is one of those that had drifted
     * @param owed whether it is to be written even though it looks right
     */
    private record State(@Nullable Sighting sighting, boolean written, boolean found, boolean owed) {

        static final State UNSEEN = new State(null, false, true, false);
        static final State OWED = new State(null, false, true, true);
        static final State BESIDE = new State(null, false, false, true);

        State owing() {
            return new State(sighting, written, found, true);
        }

        State seen(Sighting now) {
            return new State(now, written, found, owed);
        }

        State sent(boolean now) {
            return new State(null, written || now, found, owed && !now);
        }
    }

    Repairing(
            SourceSettings source,
            TidemarkLog log,
            ReconcileLimits limits,
            ComparedModel model,
            DocumentReader reader,
            DocumentMender mender,
            Predicate<RowKey> parked,
            Standstill standstill) {
        this.source = source;
        this.limits = limits;
        this.model = model;
        this.reader = reader;
        this.mender = mender;
        this.parked = parked;
        this.alignment = new Alignment(log, reader, limits.timeout(), standstill);
    }

    Repair run(DriftedKeys drifted) {
        drifted.byCollection().forEach(this::begin);
        String why = "it was in flight, or newer, each of " + limits.maxRounds() + " times";
        boolean any = !(open.isEmpty() && foreign.isEmpty());
        for (int round = 1; round <= limits.maxRounds() && any; round++) {
            Optional<String> hindrance = roundOrWhyNot();
            if (hindrance.isPresent()) {
                why = hindrance.get();
                break;
            }
            any = open.values().stream().anyMatch(keys -> !keys.isEmpty());
        }
        String reason = why;
        open.forEach((collection, keys) -> keys.keySet().forEach(key -> leave(collection, key, reason)));
        foreign.forEach((collection, keys) -> delete(collection, keys, reason));
        return new Repair(mendedCount, rightAgain, parkedCount, left, leftCount + drifted.notKept());
    }

    private void begin(ComparedCollection collection, List<Drifted> drifted) {
        for (Drifted each : drifted) {
            RowKey key = each.key();
            Optional<RowKey> proper = collection.properKey(key);
            if (parked.test(key)) {
                parkedCount++;
            } else if (collection.mayHave(key)) {
                open(collection, key, State.UNSEEN);
            } else if (collection.hasColumnsOf(key) && proper.isPresent()) {
                // Two spellings of one place in the store: what belongs there takes it.
                owe(collection, proper.get(), State.OWED);
            } else {
                foreign.computeIfAbsent(collection, any -> new ArrayList<>()).add(each);
                proper.ifPresent(other -> owe(collection, other, State.BESIDE));
            }
        }
    }

    private void owe(ComparedCollection collection, RowKey key, State state) {
        if (!parked.test(key)) {
            open.computeIfAbsent(collection, any -> new LinkedHashMap<>())
                    .merge(key, state, (known, other) -> known.owing());
        }
    }

    private void open(ComparedCollection collection, RowKey key, State state) {
        open.computeIfAbsent(collection, any -> new LinkedHashMap<>()).put(key, state);
    }

    /** A source or store that is gone now ends the repair; what was found, and mended before, stays told. */
    private Optional<String> roundOrWhyNot() {
        try {
            return round();
        } catch (TidemarkException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Why the store cannot be compared with a new snapshot; empty when it was. */
    private Optional<String> round() {
        try (SourceSnapshot snapshot = SourceSnapshot.open(source, model.tables(), limits.timeout())) {
            Alignment.Outcome outcome = alignment.await(snapshot.taken());
            if (outcome instanceof Behind behind) {
                return Optional.of(behind.reason());
            }
            Horizon horizon = ((Aligned) outcome).horizon();
            newest = horizon.position();
            open.forEach((collection, states) -> {
                ExpectedDocuments documents = snapshot.documents(collection);
                List<RowKey> all = List.copyOf(states.keySet());
                for (int from = 0; from < all.size(); from += DOCUMENTS_AT_ONCE) {
                    List<RowKey> some = all.subList(from, Math.min(all.size(), from + DOCUMENTS_AT_ONCE));
                    round(collection, some, states, documents, horizon);
                }
            });
            return Optional.empty();
        }
    }

    /** What no document of the collection can be named is deleted; there is nothing to compare it with. */
    private void delete(ComparedCollection collection, List<Drifted> keys, String reason) {
        if (newest < 0) {
            keys.forEach(each -> leave(collection, each.key(), reason));
            return;
        }
        List<Mend> mends = keys.stream()
                .map(each -> new Mend(
                        new Document(collection.name(), each.key(), version(newest), (DocumentBody) null, null),
                        each.position()))
                .toList();
        List<MendOutcome> outcomes = outcomes(mends);
        for (int i = 0; i < outcomes.size(); i++) {
            if (outcomes.get(i) instanceof MendOutcome.Mended) {
                mendedCount++;
            } else {
                leave(collection, keys.get(i).key(), why(outcomes.get(i)));
            }
        }
    }

    private static String why(MendOutcome outcome) {
        return outcome instanceof MendOutcome.Refused refused ? refused.reason() : "it was changed meanwhile";
    }

    private static Version version(long position) {
        return new Version(position, Integer.MAX_VALUE);
    }

    private void round(
            ComparedCollection collection,
            List<RowKey> some,
            Map<RowKey, State> states,
            ExpectedDocuments documents,
            Horizon horizon) {
        Map<RowKey, ExpectedDocument> expected = documents.of(some);
        Map<RowKey, StoredDocument> stored = reader.get(collection.name(), some);
        Set<RowKey> expired = reader.expired(
                collection.name(),
                some.stream().filter(key -> !stored.containsKey(key)).toList());
        List<Mend> mends = new ArrayList<>();
        List<State> drifted = new ArrayList<>();
        for (RowKey key : some) {
            ExpectedDocument right = expected.get(key);
            StoredDocument found = stored.get(key);
            Optional<RowKey> other =
                    right == null && found != null ? elsewhere(collection, key, documents) : Optional.empty();
            State before = Objects.requireNonNull(states.remove(key));
            Judgement judgement = Judgement.of(right, found, before.sighting(), horizon);
            boolean owed = before.owed() && right != null;
            if (other.isPresent()) {
                owe(collection, other.get(), before.owing());
                continue;
            }
            if (right != null && !right.storable()) {
                leave(collection, key, "its mapping to what stores hold fails");
                continue;
            }
            if ((judgement instanceof Same && !owed) || expired.contains(key)) {
                done(before);
            } else if (judgement instanceof InFlight inFlight) {
                open(collection, key, before.seen(inFlight.sighting()));
            } else if (!horizon.exact()) {
                open(collection, key, before);
            } else {
                mends.add(mend(collection, key, right, found, horizon));
                drifted.add(before);
            }
        }
        mend(collection, mends, drifted);
    }

    /** A document of the source that is, under another spelling of its key, in the place of this one. */
    private static Optional<RowKey> elsewhere(ComparedCollection collection, RowKey key, ExpectedDocuments documents) {
        return collection.properKey(key).filter(proper -> !proper.equals(key)).filter(proper -> documents
                .of(List.of(proper))
                .containsKey(proper));
    }

    private static Mend mend(
            ComparedCollection collection,
            RowKey key,
            @Nullable ExpectedDocument right,
            @Nullable StoredDocument found,
            Horizon horizon) {
        DocumentBody body = right == null ? null : DocumentBody.of(right.body());
        Document document = new Document(collection.name(), key, version(horizon.position()), body, null);
        return new Mend(document, found == null ? 0 : found.position());
    }

    /** Written or not, the next snapshot shows whether it is right. */
    private void mend(ComparedCollection collection, List<Mend> mends, List<State> before) {
        List<MendOutcome> outcomes = outcomes(mends);
        for (int i = 0; i < outcomes.size(); i++) {
            RowKey key = mends.get(i).document().key();
            if (outcomes.get(i) instanceof MendOutcome.Refused refused) {
                leave(collection, key, refused.reason());
            } else {
                open(collection, key, before.get(i).sent(outcomes.get(i) instanceof MendOutcome.Mended));
            }
        }
    }

    /** What cannot be mended now is left, and said so. */
    private List<MendOutcome> outcomes(List<Mend> mends) {
        try {
            return mends.isEmpty() ? List.of() : mender.mend(mends);
        } catch (TidemarkException e) {
            return Collections.nCopies(mends.size(), new MendOutcome.Refused(String.valueOf(e.getMessage())));
        }
    }

    private void done(State state) {
        if (!state.found()) {
            return;
        }
        if (state.written()) {
            mendedCount++;
        } else {
            rightAgain++;
        }
    }

    private void leave(ComparedCollection collection, RowKey key, String reason) {
        leftCount++;
        if (left.size() < LEFT_KEPT) {
            left.add(new Repair.Left(collection.name(), key, reason));
        }
    }
}
