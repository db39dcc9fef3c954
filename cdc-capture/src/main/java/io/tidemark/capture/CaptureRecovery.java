package io.tidemark.capture;

import io.tidemark.capture.internal.Recovery;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.util.List;
import java.util.Optional;

/**
 * The way back for a capture that lost something: its slot, WAL that the slot needed, or the source it was made from, in
 * whose place there is a standby that was promoted. What differs between topics and source is corrected; nothing else is
 * written again.
 *
 * <p>{@link #begin} takes seconds. The comparison is done by the capture that runs next, a {@link CaptureRunner} as ever,
 * until when {@link CapturedState#isRecovering}; it may be killed meanwhile.
 */
public final class CaptureRecovery {

    private final Recovery recovery;

    public CaptureRecovery(CaptureSettings settings) {
        this.recovery = new Recovery(settings);
    }

    /**
     * What was lost; empty when a capture can go on as ever.
     *
     * @throws io.tidemark.model.TidemarkException CONFIGURATION when nothing was captured
     */
    public Optional<Loss> loss() {
        return recovery.loss();
    }

    /**
     * Refuses to hold a source against topics that were not captured from it: places in its WAL say nothing of theirs.
     *
     * @throws TidemarkException DATA_LOSS when the source is another cluster, or on another timeline
     */
    public void requireSameSource() {
        recovery.otherSource().ifPresent(loss -> {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    loss.what() + (loss.canBeMended() ? " 'tidemark recover' mends the topics" : ""));
        });
    }

    /**
     * How the topics differ from the source, by table, as of now. Changes nothing.
     *
     * @throws io.tidemark.model.TidemarkException CONFIGURATION while a capture reads the slot; DATA_LOSS when topics are
     *     gone or were made anew
     */
    public List<TableDifference> differences() {
        return recovery.differences();
    }

    /**
     * Takes a new slot, and has every table compared by the capture that runs next.
     *
     * @param otherTimeline whether the source may be another one than before, a standby that was promoted or a backup that
     *     was restored: what it never got is taken out of the topics
     * @param anyway whether to do so although nothing is seen to be lost
     * @return what was lost; empty when nothing was, and nothing was done
     * @throws io.tidemark.model.TidemarkException DATA_LOSS when this source cannot be gone on with, or only if it may be
     *     another one; CONFIGURATION while a capture reads the slot; NOT_CAPTURABLE when a table was made anew
     */
    public Optional<Loss> begin(boolean otherTimeline, boolean anyway) {
        return recovery.begin(otherTimeline, anyway);
    }
}
