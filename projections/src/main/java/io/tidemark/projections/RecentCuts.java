package io.tidemark.projections;

import io.tidemark.model.Cut;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The cuts of recent tidemarks, in their order. Any subset of the tidemarks is enough for those who wait for one to pass,
 * so when many have gathered the older ones are thinned out.
 *
 * <p>Some are beats: the first that was published in each tenth of a second. Whoever goes from beat to beat meets the
 * others who do, in whatever process they are, at the same tidemarks, about ten a second.
 */
final class RecentCuts {

    static final int KEPT = 4096;
    static final long BEAT_MS = 100;

    private List<Published> cuts = new ArrayList<>();

    /**
     * A cut and its times.
     *
     * @param atMs when its tidemark was written to the topic: its record's timestamp
     * @param arrivedMs when it was read here, by a clock that nobody sets
     */
    private record Published(Cut cut, long atMs, long arrivedMs, boolean beat) {

        Published asBeat() {
            return new Published(cut, atMs, arrivedMs, true);
        }
    }

    /** Takes the next tidemark; what is not full before the first full one is passed over, which is false. {@code nowMs} is by a clock that nobody sets. */
    boolean add(Tidemark tidemark, long atMs, long nowMs) {
        if (cuts.isEmpty() && !tidemark.full()) {
            return false;
        }
        if (cuts.isEmpty()) {
            cuts.add(new Published(Cut.of(tidemark), atMs, nowMs, true));
            return true;
        }
        Published last = cuts.get(cuts.size() - 1);
        boolean beat = last.atMs() / BEAT_MS != atMs / BEAT_MS;
        cuts.add(new Published(last.cut().plus(tidemark), atMs, nowMs, beat));
        if (cuts.size() > KEPT) {
            thinOut();
        }
        return true;
    }

    /** What is left of the older half is sparse enough for everybody. */
    private void thinOut() {
        int half = cuts.size() / 2;
        List<Published> kept = new ArrayList<>();
        for (int i = 0; i < half; i += 2) {
            kept.add(cuts.get(i).asBeat());
        }
        kept.addAll(cuts.subList(half, cuts.size()));
        cuts = kept;
    }

    Optional<TidemarkRef> newest() {
        return cuts.isEmpty()
                ? Optional.empty()
                : Optional.of(cuts.get(cuts.size() - 1).cut().tidemark());
    }

    /** The newest that has been passed; what has been passed is a prefix of the cuts. Empty when none has. */
    Optional<Cut> newestWhere(Predicate<Cut> passed) {
        return at(indexOfNewest(passed));
    }

    /**
     * The newest beat that has been passed, or the newest cut of all if it was and nothing has followed it for as long:
     * nothing waits for more than two tenths of a second.
     *
     * @param nowMs by the same clock as {@link #add}'s
     */
    Optional<Cut> newestBeatWhere(Predicate<Cut> passed, long nowMs) {
        int index = indexOfNewest(passed);
        boolean quiet = index == cuts.size() - 1
                && index >= 0
                && nowMs - cuts.get(index).arrivedMs() >= BEAT_MS;
        while (!quiet && index > 0 && !cuts.get(index).beat()) {
            index--;
        }
        return at(index);
    }

    private Optional<Cut> at(int index) {
        return index < 0 ? Optional.empty() : Optional.of(cuts.get(index).cut());
    }

    private int indexOfNewest(Predicate<Cut> passed) {
        int low = 0;
        int high = cuts.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (passed.test(cuts.get(middle).cut())) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /** See {@link TidemarkFollower#publishedAt}. */
    Optional<Instant> publishedAt(TidemarkRef tidemark) {
        if (cuts.isEmpty()) {
            return Optional.empty();
        }
        int index = indexOfNewest(cut -> tidemark.isAtLeast(cut.tidemark()));
        return Optional.of(Instant.ofEpochMilli(cuts.get(Math.max(0, index)).atMs()));
    }

    /** The oldest of a tidemark that fits; empty when none does. */
    Optional<Cut> oldestWhere(Predicate<TidemarkRef> fits) {
        return cuts.stream()
                .map(Published::cut)
                .filter(cut -> fits.test(cut.tidemark()))
                .findFirst();
    }
}
