package io.tidemark.app.config;

import io.tidemark.model.Secret;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Parses {@code source}. */
final class SourceParser {

    private static final List<String> KEYS = List.of("url", "user", "password", "tables", "slot", "publication");
    static final String JDBC_PREFIX = "jdbc:postgresql:";

    private final Section section;
    private final Mention url;
    private final Mention user;

    SourceParser(Section section) {
        this.section = section;
        section.allowOnly(KEYS);
        url = section.text("url");
        user = section.text("user");
        if (!url.text().isEmpty() && !url.text().startsWith(JDBC_PREFIX)) {
            section.problemWith(url, "url", "expected a JDBC URL such as jdbc:postgresql://localhost:5432/shop");
        }
    }

    Place urlPlace() {
        return url.place();
    }

    /** The database's name, as the driver finds it in the URL; the user's name when the URL has none. */
    String database() {
        String address = url.text().startsWith(JDBC_PREFIX) ? url.text().substring(JDBC_PREFIX.length()) : "";
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
                slotName("slot", prefix),
                slotName("publication", prefix));
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
