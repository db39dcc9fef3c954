package io.tidemark.capture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.internal.kafka.ProofReader;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import java.util.List;

/**
 * What the topics themselves say of a range of tidemarks: whether every captured transaction is there once, whole, in
 * commit order. Read anew from Kafka, {@code read_committed}, and from nothing that capture keeps in memory.
 *
 * @param fromPosition first position looked at; 0 when there was none
 * @param toPosition last one
 * @param from where the range begins: the end of the commit before it, or where the snapshot was taken
 * @param to the newest tidemark's LSN
 * @param transactions positions with a transaction
 * @param changes of these transactions
 * @param snapshotChunks positions in the range that hold rows a snapshot read, between two transactions
 * @param faults what is missing, twice or out of order, the first of them; empty when the range is whole
 * @param faultCount all of them
 */
public record CaptureProof(
        long fromPosition,
        long toPosition,
        Lsn from,
        Lsn to,
        long transactions,
        long changes,
        long snapshotChunks,
        List<String> faults,
        long faultCount) {

    public CaptureProof {
        faults = List.copyOf(faults);
    }

    /**
     * Reads the topics of a capture up to its newest tidemark. Looks at the transactions inside the history: outside it
     * compaction takes versions away, as it should. What lies past the newest tidemark is not looked at.
     *
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when Kafka does not answer, CONFIGURATION when nothing was
     *     captured yet, TIMEOUT when a tidemark's changes cannot be read
     */
    public static CaptureProof of(CaptureSettings settings) {
        return new ProofReader(settings).read();
    }

    public boolean whole() {
        return faultCount == 0;
    }

    /** One line, and one for each fault. */
    public String text() {
        String chunks = snapshotChunks == 0 ? "" : " and " + snapshotChunks + " snapshot chunks";
        String range = transactions + " transactions with " + changes + " changes" + chunks + ", positions "
                + fromPosition + " to " + toPosition + ", from " + from + " to " + to + ": ";
        return whole()
                ? range + "each is there once, whole, in commit order"
                : range + faultCount + " faults\n  " + String.join("\n  ", faults);
    }

    public ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("whole", whole())
                .put("from_position", fromPosition)
                .put("to_position", toPosition)
                .put("from_lsn", from.toString())
                .put("to_lsn", to.toString())
                .put("transactions", transactions)
                .put("changes", changes)
                .put("snapshot_chunks", snapshotChunks)
                .put("fault_count", faultCount);
        var array = json.putArray("faults");
        faults.forEach(array::add);
        return json;
    }
}
