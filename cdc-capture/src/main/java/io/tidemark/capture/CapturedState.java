package io.tidemark.capture;

import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.capture.internal.kafka.StateTopic;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What capture last said of itself in the state topic.
 *
 * @param lineage id made with the topics; positions mean something only within it
 * @param tidemark the newest
 * @param commitTime running maximum of the captured transactions' commit times; the epoch before the first
 */
public record CapturedState(String lineage, TidemarkRef tidemark, Instant commitTime) {

    /** Reads it; empty when nothing was captured under this prefix yet. */
    public static Optional<CapturedState> read(Map<String, String> kafkaClient, Topics topics) {
        return new StateTopic(kafkaClient, topics).read().map(CapturedState::of);
    }

    private static CapturedState of(CaptureState state) {
        return new CapturedState(state.lineage(), state.cut().tidemark(), state.commitTime());
    }
}
