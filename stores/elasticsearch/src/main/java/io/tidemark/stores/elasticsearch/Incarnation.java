package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An index by its identity: deleted and made again under its name, it is another one, and so it is when a snapshot was
 * restored into it.
 *
 * @param uuid the server's names for it and for the history of its documents
 * @param deletesRemembered its {@code index.gc_deletes}
 */
record Incarnation(String index, String uuid, Duration deletesRemembered) {

    private static final String DEFAULT_GC_DELETES = "60s";
    private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(d|h|m|s|ms)");

    /** @param settings of the index, with flat names */
    static Incarnation of(String index, JsonNode settings) {
        // A restore into a closed index leaves it its uuid.
        String restored = settings.path("index.history.uuid").asText("");
        String uuid = settings.required("index.uuid").asText() + (restored.isEmpty() ? "" : "-" + restored);
        String time = settings.path("index.gc_deletes").asText(DEFAULT_GC_DELETES);
        Matcher matcher = TIME.matcher(time);
        if (!matcher.matches()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "The index " + index + " remembers deletes for '" + time
                            + "': set its index.gc_deletes to a time such as 1h");
        }
        long count = Long.parseLong(matcher.group(1));
        return new Incarnation(index, uuid, duration(count, matcher.group(2)));
    }

    private static Duration duration(long count, String unit) {
        return switch (unit) {
            case "d" -> Duration.ofDays(count);
            case "h" -> Duration.ofHours(count);
            case "m" -> Duration.ofMinutes(count);
            case "s" -> Duration.ofSeconds(count);
            default -> Duration.ofMillis(count);
        };
    }

    /** The alias to write through: it goes with the index, so that nothing is written into one made later. */
    String writeAlias() {
        return index + "-" + uuid;
    }
}
