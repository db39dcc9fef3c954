package io.tidemark.app.config;

import java.nio.file.Path;
import java.util.Map;

/** Parses texts as if they were {@code tidemark.yml}. */
final class Parsing {

    static final String SHORT = """
            source: {url: "jdbc:postgresql://localhost:5432/shop", user: tidemark, tables: [public.*]}
            kafka: {bootstrap.servers: "localhost:9092"}
            """;

    private Parsing() {}

    static TidemarkConfig parse(String text) {
        return parse(text, Map.of());
    }

    static TidemarkConfig parse(String text, Map<String, String> environment) {
        Substitution substitution = new Substitution(environment::get, Path.of("/nowhere"));
        return ConfigParser.parse(new Reading("tidemark.yml", substitution, new Problems()), text);
    }

    /** The short file with a store of each kind and these read models, each line indented by two more. */
    static String withModels(String models) {
        return SHORT + """
                stores:
                  search: {elasticsearch: {url: "http://localhost:9200"}}
                  cache: {redis: {url: "redis://localhost:6379"}}
                  dw: {sql: {url: "jdbc:postgresql://localhost:5433/dw"}}
                read-models:
                """ + models.indent(2);
    }
}
