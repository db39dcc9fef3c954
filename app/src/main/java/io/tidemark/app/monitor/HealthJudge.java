package io.tidemark.app.monitor;

import io.tidemark.app.monitor.Health.Part;
import io.tidemark.app.monitor.Health.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges parts by their progress: one that has work and does not move for too long has stopped. It is to be shown them
 * often: between two looks at which a part has work, it counts as having had work all the time. When nobody looked for
 * that long, as in a process that was paused, everything begins anew. Thread-safe.
 */
final class HealthJudge {

    private final Duration stoppedAfter;
    private Map<String, Seen> parts = new HashMap<>();
    private long lookedNanos;

    /** A part as seen last, and since when it has had work and not moved. */
    private record Seen(Sample sample, long unmovedSinceNanos) {}

    HealthJudge(Duration stoppedAfter) {
        this.stoppedAfter = stoppedAfter;
    }

    /**
     * Looks at all parts there are, and judges them.
     *
     * @param nowNanos of a clock that never goes back
     */
    synchronized Health look(List<Sample> samples, long nowNanos) {
        if (nowNanos - lookedNanos > stoppedAfter.toNanos()) {
            parts.clear();
        }
        lookedNanos = nowNanos;
        Map<String, Seen> seen = new HashMap<>();
        List<Part> judged = new ArrayList<>();
        for (Sample sample : samples) {
            Seen now = new Seen(sample, unmovedSince(sample, nowNanos));
            seen.put(sample.part(), now);
            judged.add(judged(now, nowNanos));
        }
        parts = seen;
        return new Health(judged);
    }

    private long unmovedSince(Sample sample, long nowNanos) {
        Seen before = parts.get(sample.part());
        if (before == null
                || !before.sample().hasWork()
                || !sample.hasWork()
                || before.sample().progress() != sample.progress()) {
            return nowNanos;
        }
        return before.unmovedSinceNanos();
    }

    private Part judged(Seen seen, long nowNanos) {
        Duration unmoved = Duration.ofNanos(nowNanos - seen.unmovedSinceNanos());
        return new Part(
                seen.sample().part(),
                standing(seen.sample(), unmoved),
                seen.sample().waitsFor(),
                unmoved);
    }

    private Standing standing(Sample sample, Duration unmoved) {
        if (!sample.hasWork()) {
            return Standing.IDLE;
        }
        return unmoved.compareTo(stoppedAfter) >= 0 ? Standing.STOPPED : Standing.MOVES;
    }
}
