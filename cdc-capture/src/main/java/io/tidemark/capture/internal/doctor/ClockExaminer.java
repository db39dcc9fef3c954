package io.tidemark.capture.internal.doctor;

import static io.tidemark.capture.FindingCode.CLOCK;

import io.tidemark.capture.Finding;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** How far the server's clock is from this machine's. */
final class ClockExaminer {

    private static final Duration TOLERATED = Duration.ofSeconds(1);
    private static final int TRIES = 3;
    private static final String NOW = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

    private final SourceQuery source;

    ClockExaminer(SourceQuery source) {
        this.source = source;
    }

    /**
     * One question to the server.
     *
     * @param ahead of this machine the server is, if it answered half way between question and answer
     * @param roundTrip how long the answer took: half of it may be wrong about {@code ahead}
     */
    record Reading(Duration ahead, Duration roundTrip) {}

    List<Finding> findings() throws SQLException {
        Reading best = read();
        for (int i = 1; i < TRIES; i++) {
            Reading next = read();
            best = next.roundTrip().compareTo(best.roundTrip()) < 0 ? next : best;
        }
        return List.of(judge(best));
    }

    private Reading read() throws SQLException {
        long asked = System.currentTimeMillis();
        long started = System.nanoTime();
        long server = source.number(NOW);
        Duration roundTrip = Duration.ofNanos(System.nanoTime() - started);
        return new Reading(Duration.ofMillis(server - asked).minus(roundTrip.dividedBy(2)), roundTrip);
    }

    static Finding judge(Reading reading) {
        Duration sure = reading.ahead().abs().minus(reading.roundTrip().dividedBy(2));
        String difference = reading.ahead().abs().toMillis() + " ms "
                + (reading.ahead().isNegative() ? "behind" : "ahead of") + " this machine's";
        return sure.compareTo(TOLERATED) > 0
                ? Finding.warning(
                        CLOCK,
                        "server",
                        "its clock is " + difference,
                        List.of(),
                        "Synchronise both machines with NTP (chronyc tracking, timedatectl)")
                : Finding.ok(CLOCK, "server", "its clock is " + difference);
    }
}
