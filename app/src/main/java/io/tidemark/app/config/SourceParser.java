package io.tidemark.app.config;

import io.tidemark.capture.ByteSize;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.SlotBudget;
import io.tidemark.model.Secret;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Parses {@code source}. */
final class SourceParser {

    private static final String RETAINED_WAL = "retained-wal";
    private static final String SNAPSHOT_THREADS = "snapshot-threads";
    private static final int MOST_THREADS = 64;
    private static final List<String> KEYS = List.of(
            "url", "user", "password", "tables", "columns", "slot", "publication", SNAPSHOT_THREADS, RETAINED_WAL);

    private final Section section;
    private final Mention url;
    private final Mention user;

    SourceParser(Section section) {
        this.section = section;
        section.allowOnly(KEYS);
        url = section.text("url");
        user = section.text("user");
        if (!url.text().isEmpty()) {
            SourceAddress.problem(url.text()).ifPresent(problem -> section.problemWith(url, "url", problem));
        }
    }

    Place urlPlace() {
        return url.place();
    }

    /** The database's name, as the driver finds it in the URL; the user's name when the URL has none. */
    String database() {
        String address = url.text().startsWith(SourceAddress.JDBC_PREFIX)
                ? url.text().substring(SourceAddress.JDBC_PREFIX.length())
                : "";
        int parameters = address.indexOf('?');
        String path = parameters < 0 ? address : address.substring(0, parameters);
        boolean hasHost = path.startsWith("//");
        int slash = hasHost ? path.indexOf('/', 2) : path.lastIndexOf('/');
        String name = hasHost && slash < 0 ? "" : path.substring(slash + 1);
        return name.isEmpty() ? user.text() : decode(name);
    }

    SourceConfig parse(String prefix) {
        Secret password = section.secret("password").orElse(new Secret(""));
        section.requirePresent("tables");
        return new SourceConfig(
                new ConnectionUrl(url.text()),
                user.text(),
                password,
                Tables.patterns(section, "tables"),
                section.section("columns")
                        .map(columns -> new ColumnsParser(columns).parse())
                        .orElse(List.of()),
                slotName("slot", prefix),
                slotName("publication", prefix),
                section.optionalInt(SNAPSHOT_THREADS, 1, MOST_THREADS).orElse(CaptureSettings.SNAPSHOT_THREADS),
                section.section(RETAINED_WAL).map(SourceParser::budget).orElse(SlotBudget.DEFAULT));
    }

    private static SlotBudget budget(Section section) {
        section.allowOnly(List.of("warn", "limit"));
        long warn = size(section, "warn").orElse(SlotBudget.DEFAULT.warnBytes());
        long limit = size(section, "limit").orElse(Math.max(warn, SlotBudget.DEFAULT.limitBytes()));
        if (warn > limit) {
            if (!section.has("warn")) {
                return new SlotBudget(limit, limit);
            }
            section.problem(section.place(), "warn is more than limit");
            return SlotBudget.DEFAULT;
        }
        return new SlotBudget(warn, limit);
    }

    private static OptionalLong size(Section section, String key) {
        Optional<Mention> given = section.optionalText(key);
        if (given.isEmpty() || given.get().text().isEmpty()) {
            return OptionalLong.empty();
        }
        OptionalLong size = ByteSize.parse(given.get().text());
        if (size.orElse(0) > 0) {
            return size;
        }
        section.problemWith(
                given.get(),
                key,
                "expected a size such as 512MB, 5GB or 1TB, found '"
                        + given.get().text() + "'");
        return OptionalLong.empty();
    }

    private String slotName(String key, String prefix) {
        Optional<Mention> given = section.optionalText(key);
        if (given.isPresent()) {
            check(key, given.get());
            return given.get().text();
        }
        String name = "tidemark_" + prefix.toLowerCase(Locale.ROOT).replace('-', '_');
        if (!Names.isSlot(name)) {
            section.problem(section.place(), "the default " + key + " '" + name + "' is too long; set " + key);
        }
        return name;
    }

    private void check(String key, Mention name) {
        if (!name.text().isEmpty() && !Names.isSlot(name.text())) {
            section.problemWith(
                    name,
                    key,
                    "'" + name.text() + "' may hold lower-case letters, digits and '_', does not start with a digit"
                            + " and has at most 63 characters");
        }
    }

    private static String decode(String name) {
        try {
            return URLDecoder.decode(name, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return name;
        }
    }
}
