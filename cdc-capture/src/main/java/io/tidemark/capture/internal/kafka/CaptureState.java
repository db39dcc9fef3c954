package io.tidemark.capture.internal.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.internal.kafka.FillingTable.Standing;
import io.tidemark.model.Cut;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a capture starts from: the state topic's record, written with every tidemark.
 *
 * @param lineage id made with the topics; positions mean something only within it
 * @param systemIdentifier of the source's cluster
 * @param timeline of the source when this was written
 * @param cut how far the topics are, with all offsets: the newest tidemark, unless tidemarks are held back
 * @param published the newest tidemark in the tidemarks topic
 * @param commitTime running maximum of commit times
 * @param messageLsn where the newest logical message outside a transaction stands that is captured; zero before the first
 * @param half the transaction after {@code cut}, when a part of it is durable; null otherwise
 * @param filling the tables whose rows are still being read from the source
 */
public record CaptureState(
        String lineage,
        String systemIdentifier,
        long timeline,
        Cut cut,
        TidemarkRef published,
        Instant commitTime,
        Lsn messageLsn,
        @Nullable HalfTransaction half,
        List<FillingTable> filling) {

    public CaptureState {
        filling = List.copyOf(filling);
    }

    /** The state a capture begins with: nothing is captured, and these tables are to be read. */
    public static CaptureState first(
            String lineage, String systemIdentifier, long timeline, TidemarkRef begin, List<FillingTable> filling) {
        return new CaptureState(
                lineage,
                systemIdentifier,
                timeline,
                new Cut(begin, Map.of()),
                TidemarkRef.NONE,
                Instant.EPOCH,
                Lsn.ZERO,
                null,
                filling);
    }

    /** Key of the record in the state topic. */
    public static final String KEY = "capture";

    private static final int FORMAT = 2;

    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("format", FORMAT);
        json.put("lineage", lineage);
        json.put("system_identifier", systemIdentifier);
        json.put("timeline", timeline);
        json.put("commit_time", commitTime.toString());
        json.put("message_lsn", messageLsn.toString());
        TidemarkRef tidemark = cut.tidemark();
        json.set("tidemark", new Tidemark(tidemark.number(), tidemark.lsn(), true, cut.offsets(), List.of()).toJson());
        json.put("published", published.toString());
        var fillingJson = json.putArray("filling");
        filling.forEach(table -> fillingJson.add(table.toJson()));
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
        List<FillingTable> filling = new ArrayList<>();
        json.required("filling").forEach(table -> filling.add(FillingTable.fromJson(table)));
        return new CaptureState(
                json.required("lineage").textValue(),
                json.required("system_identifier").textValue(),
                json.required("timeline").longValue(),
                Cut.of(Tidemark.fromJson(json.required("tidemark"))),
                TidemarkRef.parse(json.required("published").textValue()),
                Instant.parse(json.required("commit_time").textValue()),
                Lsn.parse(json.required("message_lsn").textValue()),
                json.has("half") ? HalfTransaction.fromJson(json.required("half")) : null,
                filling);
    }

    /** Whether no tidemark may be published: before the first snapshot is whole, or while topics are wrong. */
    public boolean holdsTidemarks() {
        return filling.stream()
                .anyMatch(table -> table.standing() == Standing.WRONG
                        || (table.standing() == Standing.NEW && published.equals(TidemarkRef.NONE)));
    }

    /** The tables that no tidemark names yet. */
    public Set<TableId> uncut() {
        return filling.stream()
                .filter(table -> table.standing() == Standing.NEW)
                .map(FillingTable::table)
                .collect(Collectors.toSet());
    }

    /** This state moved on. */
    CaptureState at(Cut newCut, TidemarkRef newPublished, @Nullable HalfTransaction newHalf) {
        return new CaptureState(
                lineage, systemIdentifier, timeline, newCut, newPublished, commitTime, messageLsn, newHalf, filling);
    }

    /** This state with what a session has seen. */
    public CaptureState seen(Instant newCommitTime, Lsn newMessageLsn, List<FillingTable> newFilling) {
        return new CaptureState(
                lineage, systemIdentifier, timeline, cut, published, newCommitTime, newMessageLsn, half, newFilling);
    }

    public Lsn lsn() {
        return cut.tidemark().lsn();
    }
}
