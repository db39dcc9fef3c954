package io.tidemark.app.config;

import io.tidemark.app.config.StoreConfig.Credentials;
import io.tidemark.model.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Parses an entry of {@code stores}. */
final class StoreParser {

    private static final List<String> KINDS = List.of("elasticsearch", "redis", "sql");

    private StoreParser() {}

    /** The store; empty after a problem that leaves its kind unknown. */
    static Optional<StoreConfig> parse(Section section) {
        Names.checkGiven(section);
        section.allowOnly(KINDS);
        List<String> kinds = KINDS.stream().filter(section::has).toList();
        if (kinds.size() != 1) {
            section.problem(
                    section.place(),
                    "expected exactly one of elasticsearch, redis and sql, found "
                            + (kinds.isEmpty() ? "none" : String.join(" and ", kinds)));
        }
        return kinds.stream()
                .findFirst()
                .map(kind -> store(section.name().text(), kind, section.requiredSection(kind)));
    }

    private static StoreConfig store(String name, String kind, Section section) {
        return switch (kind) {
            case "elasticsearch" -> elasticsearch(name, section);
            case "redis" -> redis(name, section);
            default -> sql(name, section);
        };
    }

    private static StoreConfig elasticsearch(String name, Section section) {
        section.allowOnly(List.of("url", "user", "password", "api-key", "ca"));
        ConnectionUrl url = url(section, "http://localhost:9200", "http://", "https://");
        return new StoreConfig.Elasticsearch(name, url, credentials(section), authority(section, url, "https://"));
    }

    private static Credentials credentials(Section section) {
        Optional<Mention> user = section.optionalText("user");
        Optional<Secret> password = section.secret("password");
        Optional<Secret> apiKey = section.secret("api-key");
        if (apiKey.isPresent() && (user.isPresent() || password.isPresent())) {
            section.problem(section.place(), "expected either user and password or api-key, found both");
        }
        if (user.isPresent() != password.isPresent()) {
            section.problem(section.place(), "user and password go together; one of them is missing");
        }
        if (user.isPresent() && password.isPresent()) {
            return new Credentials.UserPassword(user.get().text(), password.get());
        }
        return apiKey.<Credentials>map(Credentials.ApiKey::new).orElseGet(Credentials.None::new);
    }

    private static StoreConfig redis(String name, Section section) {
        section.allowOnly(List.of("url", "ca"));
        ConnectionUrl url = url(section, "redis://localhost:6379", "redis://", "rediss://");
        return new StoreConfig.Redis(name, url, authority(section, url, "rediss://"));
    }

    private static Optional<Path> authority(Section section, ConnectionUrl url, String encrypted) {
        Optional<Mention> given =
                section.optionalText("ca").filter(file -> !file.text().isEmpty());
        if (given.isPresent() && !url.value().startsWith(encrypted)) {
            section.problemWith(
                    given.get(), "ca", "it is of no use without TLS: the url does not begin with " + encrypted);
        }
        return given.map(file -> Path.of(file.text()));
    }

    private static StoreConfig sql(String name, Section section) {
        section.allowOnly(List.of("url", "user", "password"));
        ConnectionUrl url = url(section, "jdbc:postgresql://localhost:5432/dw", SourceAddress.JDBC_PREFIX);
        return new StoreConfig.Sql(
                name,
                url,
                section.optionalText("user").map(Mention::text),
                section.secret("password").orElse(new Secret("")));
    }

    private static ConnectionUrl url(Section section, String example, String... schemes) {
        Mention url = section.text("url");
        boolean known = List.of(schemes).stream().anyMatch(url.text()::startsWith);
        if (!url.text().isEmpty() && !known) {
            section.problemWith(url, "url", "expected a URL such as " + example);
        }
        return new ConnectionUrl(url.text());
    }
}
