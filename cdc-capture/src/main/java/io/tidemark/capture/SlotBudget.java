package io.tidemark.capture;

import java.time.Duration;
import java.util.Optional;

/**
 * How much WAL the slot may hold back before Tidemark says so. It only says: reading on is what frees WAL without loss,
 * and giving up the slot would lose changes.
 *
 * @param warnBytes from here on it is a warning
 * @param limitBytes from here on it is an error
 */
public record SlotBudget(long warnBytes, long limitBytes) {

    public static final SlotBudget DEFAULT = new SlotBudget(5 * ByteSize.GIGABYTE, 50 * ByteSize.GIGABYTE);

    public SlotBudget {
        if (warnBytes <= 0 || limitBytes < warnBytes) {
            throw new IllegalArgumentException(
                    "Retained WAL warns at " + warnBytes + " and is limited to " + limitBytes + " bytes");
        }
    }

    /** Where a slot stands, the best first. */
    public enum Level {
        OK,
        WARN,
        LIMIT,
        /** The server gave the slot up. */
        LOST;

        /** Whether WAL is held back beyond what is expected. */
        public boolean isOver() {
            return this == WARN || this == LIMIT;
        }
    }

    public Level level(SlotStatus slot) {
        return slot.isLost() ? Level.LOST : level(slot.retainedBytes());
    }

    Level level(long retainedBytes) {
        if (retainedBytes >= limitBytes) {
            return Level.LIMIT;
        }
        return retainedBytes >= warnBytes ? Level.WARN : Level.OK;
    }

    /** Until the slot reaches the limit if it stays where it is; empty while no WAL is written, or without a slot. */
    public Optional<Duration> untilLimit(SlotStatus slot) {
        return slot.exists() ? at(slot.walBytesPerSecond(), limitBytes - slot.retainedBytes()) : Optional.empty();
    }

    /** Until the server gives the slot up if it stays where it is; empty when it never does. */
    public static Optional<Duration> untilLost(SlotStatus slot) {
        return slot.safeBytes().isEmpty()
                ? Optional.empty()
                : at(slot.walBytesPerSecond(), slot.safeBytes().getAsLong());
    }

    private static Optional<Duration> at(long bytesPerSecond, long bytes) {
        if (bytes <= 0) {
            return Optional.of(Duration.ZERO);
        }
        return bytesPerSecond <= 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(bytes / bytesPerSecond));
    }

    /** What to tell people of a slot that is not in order, or again is. */
    public String sentence(SlotStatus slot) {
        String held = "slot " + slot.name() + " holds back " + ByteSize.text(slot.retainedBytes()) + " of WAL";
        return switch (level(slot)) {
            case OK -> held + ", below source.retained-wal.warn (" + ByteSize.text(warnBytes) + ")";
            case WARN ->
                held + ", more than source.retained-wal.warn (" + ByteSize.text(warnBytes) + ")"
                        + untilLimit(slot)
                                .map(left -> "; the limit of " + ByteSize.text(limitBytes) + " is " + text(left)
                                        + " away if it stays there")
                                .orElse("");
            case LIMIT ->
                held + ", more than source.retained-wal.limit (" + ByteSize.text(limitBytes)
                        + "). The source's disk may fill. Let capture catch up; or give the slot up and start over:"
                        + " SELECT pg_drop_replication_slot('" + slot.name() + "');";
            case LOST ->
                "slot " + slot.name() + " was given up by the server (" + slot.invalidation()
                        + "): changes are lost. 'tidemark recover' mends the topics";
        };
    }

    private static String text(Duration duration) {
        if (duration.toHours() >= 48) {
            return duration.toDays() + " days";
        }
        return duration.toMinutes() >= 120 ? duration.toHours() + " hours" : duration.toMinutes() + " minutes";
    }
}
