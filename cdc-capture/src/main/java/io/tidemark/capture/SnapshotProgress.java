package io.tidemark.capture;

import io.tidemark.model.TableId;
import java.time.Duration;
import java.util.Optional;

/** Told how the reading of tables gets on; called from capture's thread. */
@FunctionalInterface
public interface SnapshotProgress {

    /** Nobody wants to know. */
    SnapshotProgress NONE = report -> {};

    /**
     * How far it is.
     *
     * @param table read last
     * @param rows of all tables read since this process began
     * @param rowsLeft of all tables, as the source's statistics estimate it; never negative
     * @param rowsPerSecond since this process began to read
     */
    record Report(TableId table, long rows, long rowsLeft, double rowsPerSecond) {

        /** How long the rest takes at this speed; empty before there is one. */
        public Optional<Duration> timeLeft() {
            return rowsPerSecond > 0
                    ? Optional.of(Duration.ofMillis(Math.round(1000 * rowsLeft / rowsPerSecond)))
                    : Optional.empty();
        }

        /** One line for people. */
        public String text() {
            return String.format(
                    "snapshot: %,d rows, %,.0f rows/s, now %s%s",
                    rows,
                    rowsPerSecond,
                    table,
                    timeLeft()
                            .map(left -> String.format(", about %,d rows and %d s left", rowsLeft, left.toSeconds()))
                            .orElse(""));
        }
    }

    /** Rows have been read. */
    void read(Report report);
}
