package io.tidemark.capture;

import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.capture.internal.kafka.FillingTable;
import io.tidemark.capture.internal.kafka.StateTopic;
import io.tidemark.model.Gap;
import io.tidemark.model.Lsn;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What capture last said of itself in the state topic.
 *
 * @param lineage id made with the topics; positions mean something only within it
 * @param tidemark the newest; {@link TidemarkRef#NONE} before the first snapshot is whole
 * @param reached how far the source's WAL is in the topics: the tidemark's LSN, or further while tidemarks are held back
 * @param commitTime running maximum of the captured transactions' commit times; the epoch before the first
 * @param filling tables whose rows are being read, with the number of those that are in the topic
 * @param gaps when something was lost and mended, of late; the newest last, which may be open
 */
public record CapturedState(
        String lineage,
        TidemarkRef tidemark,
        Lsn reached,
        Instant commitTime,
        SortedMap<TableId, Long> filling,
        List<Gap> gaps) {

    public CapturedState {
        gaps = List.copyOf(gaps);
        filling = Collections.unmodifiableSortedMap(new TreeMap<>(filling));
    }

    /** Whether topics are being compared with the source, after something was lost. */
    public boolean isRecovering() {
        return gaps.stream().anyMatch(Gap::isOpen);
    }

    /** Reads it; empty when nothing was captured under this prefix yet. */
    public static Optional<CapturedState> read(Map<String, String> kafkaClient, Topics topics) {
        return new StateTopic(kafkaClient, topics).read().map(CapturedState::of);
    }

    private static CapturedState of(CaptureState state) {
        return new CapturedState(
                state.lineage(),
                state.published(),
                state.lsn(),
                state.commitTime(),
                state.filling().stream()
                        .collect(Collectors.toMap(
                                FillingTable::table, FillingTable::rows, (one, other) -> one, TreeMap::new)),
                state.gaps());
    }
}
