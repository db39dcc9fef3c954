package io.tidemark.capture.internal;

import io.tidemark.capture.SlotBudget;
import io.tidemark.capture.SlotBudget.Level;
import io.tidemark.capture.SlotStatus;
import java.util.Optional;

/** Decides when there is something new to say of a slot: a bound crossed, or clearly left behind. Used by one thread. */
public final class SlotAlarm {

    private final SlotBudget budget;
    private Level said = Level.OK;

    public SlotAlarm(SlotBudget budget) {
        this.budget = budget;
    }

    /** What to say now, if anything. */
    public Optional<String> next(SlotStatus slot) {
        Level now = budget.level(slot);
        if (now.compareTo(said) < 0 && !isClear(slot)) {
            return Optional.empty();
        }
        boolean isNew = now != said;
        said = now;
        return isNew ? Optional.of(budget.sentence(slot)) : Optional.empty();
    }

    /** A tenth below the bound it was over: WAL goes up and down by a segment all the time. */
    private boolean isClear(SlotStatus slot) {
        long bound = said == Level.LIMIT ? budget.limitBytes() : budget.warnBytes();
        return said == Level.LOST || slot.retainedBytes() < bound / 10 * 9;
    }
}
