package io.tidemark.app.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.tidemark.app.model.DocumentsLog.Section;
import io.tidemark.app.model.DocumentsLog.Sent;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.utils.Utils;

/**
 * Folds the documents of a partition, and holds them at each marker against what PostgreSQL made of the definition at
 * that very tidemark. A key is in one partition for good, so the documents of the source whose keys belong there are all
 * that may be there, no more and no less.
 */
final class MarkerJudge {

    /**
     * Where a partition is wrong first.
     *
     * @param at the marker
     * @param rightAt number of the marker before it, at which all was right; 0 when it is the first
     * @param names on the paths to what differs in documents
     */
    record Finding(String model, int partition, TidemarkRef at, long rightAt, List<String> lines, Set<String> names) {}

    private final List<WrittenSource.Commit> commits;
    private final NavigableMap<Long, Integer> byPosition;
    private final int before;
    private final int partitions;

    /**
     * Prepares it.
     *
     * @param byPosition which of the commits has a position
     * @param before which of them was the last before the first position
     */
    MarkerJudge(
            List<WrittenSource.Commit> commits, NavigableMap<Long, Integer> byPosition, int before, int partitions) {
        this.commits = commits;
        this.byPosition = byPosition;
        this.before = before;
        this.partitions = partitions;
    }

    /** The first marker of a partition that is not true. */
    Optional<Finding> judge(String model, int partition, List<Section> sections) {
        Map<String, String> folded = new TreeMap<>();
        TidemarkRef right = TidemarkRef.NONE;
        for (Section section : sections) {
            List<String> lines = new ArrayList<>(irregular(partition, right, section));
            section.sent().forEach(sent -> fold(folded, sent));
            Set<String> names = new LinkedHashSet<>();
            Map<String, String> expected = expected(model, partition, section.marker());
            if (!folded.equals(expected)) {
                lines.addAll(differences(expected, folded, names));
            }
            if (!lines.isEmpty()) {
                return Optional.of(new Finding(model, partition, section.marker(), right.number(), lines, names));
            }
            right = section.marker();
        }
        return Optional.empty();
    }

    /** The transactions of a tidemark that one before it does not cover, by position. */
    Map<Long, WrittenSource.Commit> between(long number, long next) {
        Map<Long, WrittenSource.Commit> between = new TreeMap<>();
        byPosition.subMap(number, false, next, true).forEach((at, index) -> between.put(at, commits.get(index)));
        return between;
    }

    private static void fold(Map<String, String> folded, Sent sent) {
        if (sent.document() == null) {
            folded.remove(sent.key());
        } else {
            folded.put(sent.key(), sent.document());
        }
    }

    private Map<String, String> expected(String model, int partition, TidemarkRef marker) {
        Map.Entry<Long, Integer> last = byPosition.floorEntry(marker.number());
        Map<String, String> expected = new TreeMap<>(
                commits.get(last == null ? before : last.getValue()).documents().get(model));
        expected.keySet().removeIf(key -> partitionOf(key) != partition);
        return expected;
    }

    private int partitionOf(String key) {
        return Utils.toPositive(Utils.murmur2(new RowKey(key).encode())) % partitions;
    }

    /** What is wrong before the documents are looked at. */
    private List<String> irregular(int partition, TidemarkRef previous, Section section) {
        List<String> lines = new ArrayList<>();
        if (section.marker().compareTo(previous) <= 0) {
            lines.add("the marker before was " + previous);
        }
        Set<String> keys = new HashSet<>();
        for (Sent sent : section.sent()) {
            if (partitionOf(sent.key()) != partition) {
                lines.add(sent.key() + " belongs to partition " + partitionOf(sent.key()));
            }
            if (sent.position() != section.marker().number()) {
                lines.add(sent.key() + " is stamped " + sent.position());
            }
            if (!keys.add(sent.key())) {
                lines.add(sent.key() + " was sent twice");
            }
        }
        return lines;
    }

    private static List<String> differences(
            Map<String, String> expected, Map<String, String> folded, Set<String> names) {
        List<String> lines = new ArrayList<>();
        Set<String> keys = new TreeSet<>(expected.keySet());
        keys.addAll(folded.keySet());
        for (String key : keys) {
            String wanted = expected.get(key);
            String found = folded.get(key);
            if (wanted == null || found == null) {
                lines.add(key + (wanted == null ? " is there, and should not be: " + found : " is missing: " + wanted));
            } else if (!wanted.equals(found)) {
                List<List<String>> paths = new ArrayList<>();
                lines.add(key + " differs");
                differ(Json.parse(wanted), Json.parse(found), List.of(), lines, paths);
                paths.forEach(names::addAll);
            }
        }
        return lines;
    }

    private static void differ(
            JsonNode wanted, JsonNode found, List<String> path, List<String> lines, List<List<String>> paths) {
        if (wanted.isObject() && found.isObject()) {
            Set<String> members = new TreeSet<>();
            wanted.fieldNames().forEachRemaining(members::add);
            found.fieldNames().forEachRemaining(members::add);
            members.forEach(
                    member -> differ(member(wanted, member), member(found, member), below(path, member), lines, paths));
        } else if (wanted.isArray() && wanted.size() == found.size()) {
            for (int i = 0; i < wanted.size(); i++) {
                differ(wanted.get(i), found.get(i), below(path, "" + i), lines, paths);
            }
        } else if (!Json.same(wanted, found)) {
            lines.add("  " + String.join("/", path) + ": expected " + wanted + ", is " + found);
            paths.add(path);
        }
    }

    private static JsonNode member(JsonNode object, String name) {
        return object.has(name) ? object.get(name) : MissingNode.getInstance();
    }

    private static List<String> below(List<String> path, String name) {
        List<String> below = new ArrayList<>(path);
        below.add(name);
        return below;
    }
}
