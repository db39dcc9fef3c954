package io.tidemark.connect.sink;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The transforms that a connector's configuration names, in their order. */
final class Transforms {

    /** Where those come from whose names are known here. */
    private static final List<String> PACKAGES = List.of(
            "org.apache.kafka.connect.transforms.", "io.debezium.transforms.", "io.tidemark.connect.transforms.");

    /** Of these, those that leave records' keys as they are; and so does what works on values. */
    private static final Set<String> LEAVE_KEYS = Set.of(
            "DropHeaders",
            "ExtractNewRecordState",
            "FillUnchanged",
            "Filter",
            "HeaderToValue",
            "InsertHeader",
            "RegexRouter",
            "TimestampRouter");

    private static final String VALUE = "$Value";

    /** How names end of what takes records out of their place. */
    private static final List<String> TAKE_AWAY = List.of("Filter", "Router", "$Key", "ValueToKey");

    private final Map<String, String> config;

    /** @param config of the connector */
    Transforms(Map<String, String> config) {
        this.config = Map.copyOf(config);
    }

    /** Names of those that may give records other keys than they have in their topic. */
    List<String> thatMayChangeKeys() {
        return names().filter(name -> !leavesKeys(type(name))).toList();
    }

    /** Names of those that are known to take records away, or to give them another topic or key. */
    List<String> thatTakeAway() {
        return names().filter(name -> TAKE_AWAY.stream().anyMatch(type(name)::endsWith))
                .toList();
    }

    private Stream<String> names() {
        return Arrays.stream(config.getOrDefault("transforms", "").split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty());
    }

    /** Without the package where it is a known one; workers take that for the whole name, too. */
    private String type(String name) {
        String type = config.getOrDefault("transforms." + name + ".type", "");
        return PACKAGES.stream()
                .filter(type::startsWith)
                .findFirst()
                .map(known -> type.substring(known.length()))
                .orElse(type);
    }

    private static boolean leavesKeys(String type) {
        return type.endsWith(VALUE) || LEAVE_KEYS.contains(type);
    }
}
