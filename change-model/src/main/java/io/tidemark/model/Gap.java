package io.tidemark.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * A time of which the topics do not hold what the source did: it was lost, and afterwards the topics were made equal to the
 * source again. Up to {@code from} they hold every version, and from {@code to} on; no position between the two is a state
 * of the source. A time after {@code since} that leads to a position below {@code to} is in the gap.
 *
 * @param from number of the last tidemark before it
 * @param lsn of that tidemark
 * @param since newest commit time captured before it
 * @param to number of the tidemark that ends it; 0 while it is open
 * @param written rows that differed, or were missing, and were written again
 * @param deleted rows that were no more, and were deleted
 */
public record Gap(long from, Lsn lsn, Instant since, long to, long written, long deleted) {

    /** One that begins. */
    public static Gap after(TidemarkRef last, Instant since) {
        return new Gap(last.number(), last.lsn(), since, 0, 0, 0);
    }

    public boolean isOpen() {
        return to == 0;
    }

    /** Whether a position is in it: the topics cannot say how the source was then. */
    public boolean holds(long position) {
        return position > from && (isOpen() || position < to);
    }

    /** This one with more that was corrected. */
    public Gap plus(long rowsWritten, long rowsDeleted) {
        return new Gap(from, lsn, since, to, written + rowsWritten, deleted + rowsDeleted);
    }

    /** This one, ended by a tidemark. */
    public Gap endedBy(long number) {
        return new Gap(from, lsn, since, number, written, deleted);
    }

    public ObjectNode toJson() {
        return Json.object()
                .put("from", from)
                .put("lsn", lsn.toString())
                .put("since", since.toString())
                .put("to", to)
                .put("written", written)
                .put("deleted", deleted);
    }

    public static Gap fromJson(JsonNode json) {
        return new Gap(
                json.required("from").longValue(),
                Lsn.parse(json.required("lsn").textValue()),
                Instant.parse(json.required("since").textValue()),
                json.required("to").longValue(),
                json.required("written").longValue(),
                json.required("deleted").longValue());
    }
}
