package io.tidemark.capture.internal.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.internal.kafka.FillingTable.Standing;
import io.tidemark.model.Cut;
import io.tidemark.model.Gap;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
 * @param gaps when something was lost, and mended; the newest last, which may be open
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
        List<FillingTable> filling,
        List<Gap> gaps) {

    /** Tidemarks and all that knows of older ones are kept no longer than the history. */
    private static final int GAPS_KEPT = 100;

    public CaptureState {
        filling = List.copyOf(filling);
        gaps = List.copyOf(gaps.subList(Math.max(0, gaps.size() - GAPS_KEPT), gaps.size()));
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
                filling,
                List.of());
    }

    /** Key of the record in the state topic. */
    public static final String KEY = "capture";

    private static final int FORMAT = 2;

    /** While a gap is open: a build that knows nothing of gaps would end this one without saying so. */
    private static final int FORMAT_IN_GAP = 3;

    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("format", openGap().isPresent() ? FORMAT_IN_GAP : FORMAT);
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
        if (!gaps.isEmpty()) {
            var gapsJson = json.putArray("gaps");
            gaps.forEach(gap -> gapsJson.add(gap.toJson()));
        }
        return json;
    }

    public static CaptureState fromJson(JsonNode json) {
        int format = json.required("format").intValue();
        if (format != FORMAT && format != FORMAT_IN_GAP) {
            throw new IllegalArgumentException("The state topic has format " + format + "; this version reads " + FORMAT
                    + " and " + FORMAT_IN_GAP + ". Use the version that wrote it, or start with a new prefix");
        }
        List<FillingTable> filling = new ArrayList<>();
        json.required("filling").forEach(table -> filling.add(FillingTable.fromJson(table)));
        List<Gap> gaps = new ArrayList<>();
        json.path("gaps").forEach(gap -> gaps.add(Gap.fromJson(gap)));
        return new CaptureState(
                json.required("lineage").textValue(),
                json.required("system_identifier").textValue(),
                json.required("timeline").longValue(),
                Cut.of(Tidemark.fromJson(json.required("tidemark"))),
                TidemarkRef.parse(json.required("published").textValue()),
                Instant.parse(json.required("commit_time").textValue()),
                Lsn.parse(json.required("message_lsn").textValue()),
                json.has("half") ? HalfTransaction.fromJson(json.required("half")) : null,
                filling,
                gaps);
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
                lineage,
                systemIdentifier,
                timeline,
                newCut,
                newPublished,
                commitTime,
                messageLsn,
                newHalf,
                filling,
                gaps);
    }

    /** This state with what a session has seen. */
    public CaptureState seen(Instant newCommitTime, Lsn newMessageLsn, List<FillingTable> newFilling) {
        return new CaptureState(
                lineage,
                systemIdentifier,
                timeline,
                cut,
                published,
                newCommitTime,
                newMessageLsn,
                half,
                newFilling,
                gaps);
    }

    /** This state with other gaps. */
    private CaptureState with(List<Gap> others) {
        return new CaptureState(
                lineage, systemIdentifier, timeline, cut, published, commitTime, messageLsn, half, filling, others);
    }

    /** The gap that is being mended. */
    public Optional<Gap> openGap() {
        return gaps.isEmpty()
                ? Optional.empty()
                : Optional.of(gaps.get(gaps.size() - 1)).filter(Gap::isOpen);
    }

    /** This state with the open gap, if there is one, as it is now. */
    public CaptureState withOpenGap(UnaryOperator<Gap> change) {
        return openGap()
                .map(open -> {
                    List<Gap> changed = new ArrayList<>(gaps);
                    changed.set(gaps.size() - 1, change.apply(open));
                    return with(changed);
                })
                .orElse(this);
    }

    /**
     * The state of a capture that goes on from another place of the WAL, after something was lost: its tables are compared
     * with the source, and no tidemark is published before that is done. Positions go on; one is left out, that of what
     * was lost, and the one of a transaction of which a part is in the topics.
     *
     * @param newTimeline of the source now
     * @param lsn where the WAL is read from; at or past the newest tidemark's
     * @param now the source's time: what is corrected was not so before
     * @param compared the tables
     */
    public CaptureState recovering(long newTimeline, Lsn lsn, Instant now, List<FillingTable> compared) {
        Map<String, List<Long>> offsets = durableOffsets();
        long number = cut.tidemark().number() + (half == null ? 1 : 2);
        List<Gap> known = new ArrayList<>(gaps);
        if (openGap().isEmpty() && !published.equals(TidemarkRef.NONE)) {
            known.add(Gap.after(published, commitTime));
        }
        return new CaptureState(
                lineage,
                systemIdentifier,
                newTimeline,
                new Cut(new TidemarkRef(number, lsn), offsets),
                published,
                commitTime.isAfter(now) ? commitTime : now,
                messageLsn,
                null,
                compared,
                known);
    }

    /** Up to where the topics are durable, past the cut too. */
    public Map<String, List<Long>> durableOffsets() {
        Map<String, List<Long>> durable = new LinkedHashMap<>(cut.offsets());
        if (half != null) {
            half.offsets().forEach((topic, ends) -> durable.merge(topic, ends, CaptureState::further));
        }
        return durable;
    }

    private static List<Long> further(List<Long> one, List<Long> other) {
        return IntStream.range(0, Math.max(one.size(), other.size()))
                .mapToObj(partition -> Math.max(at(one, partition), at(other, partition)))
                .toList();
    }

    private static long at(List<Long> ends, int partition) {
        return partition < ends.size() ? ends.get(partition) : 0;
    }

    public Lsn lsn() {
        return cut.tidemark().lsn();
    }
}
