package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.ByteSize;
import io.tidemark.capture.SlotBudget;
import io.tidemark.capture.SlotBudget.Level;
import io.tidemark.capture.SlotStatus;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The slot as {@code tidemark status} shows it: what it holds back, how long that can go on, and whether it may. */
record SlotReport(SlotStatus slot, SlotBudget budget) {

    ObjectNode json() {
        ObjectNode json = Json.object();
        json.put("name", slot.name())
                .put("exists", slot.exists())
                .put("active", slot.active())
                .put("level", budget.level(slot).name().toLowerCase(Locale.ROOT))
                .put("retained_bytes", slot.retainedBytes())
                .put("unconfirmed_bytes", slot.unconfirmedBytes())
                .put("warn_bytes", budget.warnBytes())
                .put("limit_bytes", budget.limitBytes())
                .put("wal_bytes_per_second", slot.walBytesPerSecond())
                .put("seconds_to_limit", seconds(budget.untilLimit(slot)))
                .put("wal_status", slot.walStatus().isEmpty() ? null : slot.walStatus())
                .put(
                        "safe_wal_bytes",
                        slot.safeBytes().isPresent() ? (Long) slot.safeBytes().getAsLong() : null)
                .put("seconds_to_loss", seconds(SlotBudget.untilLost(slot)))
                .put(
                        "inactive_since",
                        slot.inactiveSince().map(Instant::toString).orElse(null))
                .put("invalidation_reason", slot.invalidation().isEmpty() ? null : slot.invalidation())
                .put("written", slot.written().toString());
        return json;
    }

    String line() {
        if (!slot.exists()) {
            return slot.name() + ", does not exist yet";
        }
        return slot.name() + ", " + (slot.active() ? "being read" : "NOT being read") + ", holds back "
                + ByteSize.text(slot.retainedBytes()) + " of WAL (warn at " + ByteSize.text(budget.warnBytes())
                + ", limit " + ByteSize.text(budget.limitBytes()) + "), " + ByteSize.text(slot.walBytesPerSecond())
                + "/s are written";
    }

    /** What makes {@code status} say no. */
    Optional<TidemarkException> problem() {
        return switch (budget.level(slot)) {
            case LIMIT -> Optional.of(new TidemarkException(ErrorCode.FAILED, budget.sentence(slot)));
            case LOST -> Optional.of(new TidemarkException(ErrorCode.DATA_LOSS, budget.sentence(slot)));
            case OK, WARN -> Optional.empty();
        };
    }

    Optional<String> warning() {
        return budget.level(slot) == Level.WARN ? Optional.of(budget.sentence(slot)) : Optional.empty();
    }

    private static @Nullable Long seconds(Optional<Duration> duration) {
        return duration.map(Duration::toSeconds).orElse(null);
    }
}
