package io.tidemark.reconciliation;

import io.tidemark.model.Json;
import io.tidemark.model.store.StoredDocument;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one look at both sides of a key allows to say. */
sealed interface Judgement {

    /** Both sides agree, be it that neither has the key. */
    record Same() implements Judgement {}

    /** They differ, and no transaction on the other side of the snapshot can be the reason. */
    record Drifted(DriftKind kind) implements Judgement {}

    /** They differ, and one may be the reason: look again later. */
    record InFlight(Sighting sighting) implements Judgement {}

    /**
     * What was seen of a key in flight, to be told apart from what the next look sees.
     *
     * @param rootXmin of the expected document; null when the source had none
     * @param storedPosition null when the store had none
     */
    record Sighting(@Nullable String rootXmin, @Nullable Long storedPosition) {}

    /**
     * Judges one key. The read model has applied everything the snapshot sees, so:
     *
     * <ul>
     *   <li>A stored document that says a position the horizon covers was not changed by any later transaction the
     *       snapshot sees. If the source disagrees, that is drift.
     *   <li>One that says a later position may hold what the snapshot does not see yet. If it said the same the time
     *       before and the horizon is settled, its position is none capture ever gave it: somebody else wrote it.
     *   <li>A missing document has no position; a transaction that deletes it may be on its way. If the root row has
     *       the same xmin as the time before, it was there all along, and with a settled horizon no transaction the
     *       store knew the time before can have deleted it.
     * </ul>
     *
     * @param before what the last look saw; null at the first
     */
    static Judgement of(
            @Nullable ExpectedDocument expected,
            @Nullable StoredDocument stored,
            @Nullable Sighting before,
            Horizon horizon) {
        if (same(expected, stored)) {
            return new Same();
        }
        Sighting now =
                new Sighting(expected == null ? null : expected.rootXmin(), stored == null ? null : stored.position());
        boolean unchanged = horizon.settled() && before != null && unchanged(before, now);
        boolean covered = stored != null && stored.position() <= horizon.position();
        return covered || unchanged ? new Drifted(kind(expected, stored)) : new InFlight(now);
    }

    private static boolean same(@Nullable ExpectedDocument expected, @Nullable StoredDocument stored) {
        if (expected == null || stored == null) {
            return expected == null && stored == null;
        }
        return Json.same(expected.body(), stored.body());
    }

    private static boolean unchanged(Sighting before, Sighting now) {
        return now.storedPosition() == null
                ? before.storedPosition() == null && Objects.equals(before.rootXmin(), now.rootXmin())
                : Objects.equals(before.storedPosition(), now.storedPosition());
    }

    private static DriftKind kind(@Nullable ExpectedDocument expected, @Nullable StoredDocument stored) {
        if (expected == null) {
            return DriftKind.EXTRA;
        }
        return stored == null ? DriftKind.MISSING : DriftKind.DIFFERENT;
    }
}
