package io.tidemark.capture.internal.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Cut;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkRef;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a capture starts from: the state topic's record, written with every tidemark.
 *
 * @param lineage id made with the topics; positions mean something only within it
 * @param systemIdentifier of the source's cluster
 * @param timeline of the source when this was written
 * @param cut the newest tidemark with all offsets
 * @param commitTime running maximum of commit times
 * @param messageLsn where the newest logical message outside a transaction stands that is captured; zero before the first
 * @param half the transaction after the newest tidemark, when a part of it is durable; null otherwise
 */
public record CaptureState(
        String lineage,
        String systemIdentifier,
        long timeline,
        Cut cut,
        Instant commitTime,
        Lsn messageLsn,
        @Nullable HalfTransaction half) {

    /** Key of the record in the state topic. */
    public static final String KEY = "capture";

    private static final int FORMAT = 1;

    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("format", FORMAT);
        json.put("lineage", lineage);
        json.put("system_identifier", systemIdentifier);
        json.put("timeline", timeline);
        json.put("commit_time", commitTime.toString());
        json.put("message_lsn", messageLsn.toString());
        TidemarkRef tidemark = cut.tidemark();
        json.set(
                "tidemark",
                new Tidemark(tidemark.number(), tidemark.lsn(), true, cut.offsets(), java.util.List.of()).toJson());
        if (half != null) {
            json.set("half", half.toJson());
        }
        return json;
    }

    public static CaptureState fromJson(JsonNode json) {
        int format = json.required("format").intValue();
        if (format != FORMAT) {
            throw new IllegalArgumentException("The state topic has format " + format + "; this version reads " + FORMAT
                    + ". Use the version that wrote it, or start with a new prefix");
        }
        return new CaptureState(
                json.required("lineage").textValue(),
                json.required("system_identifier").textValue(),
                json.required("timeline").longValue(),
                Cut.of(Tidemark.fromJson(json.required("tidemark"))),
                Instant.parse(json.required("commit_time").textValue()),
                Lsn.parse(json.required("message_lsn").textValue()),
                json.has("half") ? HalfTransaction.fromJson(json.required("half")) : null);
    }

    /** This state moved on. */
    CaptureState at(Cut newCut, @Nullable HalfTransaction newHalf) {
        return new CaptureState(lineage, systemIdentifier, timeline, newCut, commitTime, messageLsn, newHalf);
    }

    /** This state with what a session has seen. */
    public CaptureState seen(Instant newCommitTime, Lsn newMessageLsn) {
        return new CaptureState(lineage, systemIdentifier, timeline, cut, newCommitTime, newMessageLsn, half);
    }

    public Lsn lsn() {
        return cut.tidemark().lsn();
    }
}
