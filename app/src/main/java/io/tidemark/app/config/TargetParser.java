package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.Target;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Parses the {@code to} of read models and sees that no two write to the same place. */
final class TargetParser {

    /** Names Elasticsearch takes, less what would be a date expression or a list. */
    private static final Pattern INDEX = Pattern.compile("[a-z0-9][^A-Z\\\\/*?\"<>| ,#:]{0,200}");

    private static final Pattern TEMPLATE = Pattern.compile("([^{}]|\\{[^{}]+})*\\{[^{}]+}([^{}]|\\{[^{}]+})*");
    private static final int MAX_IDENTIFIER_BYTES = 63;

    private final SourceConfig source;
    private final Map<String, StoreConfig> stores;
    private final Map<List<String>, String> writers = new HashMap<>();

    TargetParser(SourceConfig source, Map<String, StoreConfig> stores) {
        this.source = source;
        this.stores = stores;
    }

    List<Target> parse(Section model, boolean mirror) {
        List<Target> targets = new ArrayList<>();
        Section to = model.requiredSection("to");
        if (to.keys().isEmpty() && !to.isMissing()) {
            to.problem(to.place(), "expected at least one store, as in to: {search: orders}");
        }
        for (Mention name : to.keys()) {
            Mention target = to.text(name.text());
            StoreConfig store = stores.get(name.text());
            if (store == null) {
                to.problem(
                        name.place(),
                        "there is no store '" + name.text() + "'" + Suggestion.of(name.text(), stores.keySet()));
            } else if (!target.text().isEmpty()) {
                check(to, store, target, mirror);
                claim(to, store, target, model.name().text());
                targets.add(new Target(name.text(), target));
            }
        }
        return targets;
    }

    private void check(Section to, StoreConfig store, Mention target, boolean mirror) {
        if (mirror && !(store instanceof StoreConfig.Sql)) {
            to.problemWith(
                    target,
                    store.name(),
                    "a mirror is written to a sql store; '" + store.name() + "' is " + store.kind());
        } else if (store instanceof StoreConfig.Elasticsearch) {
            require(to, store, target, INDEX.matcher(target.text()).matches(), "an index name in lower case");
        } else if (store instanceof StoreConfig.Redis) {
            require(to, store, target, TEMPLATE.matcher(target.text()).matches(), "a key such as order:{id}");
        } else if (mirror) {
            checkSchema(to, store, target);
        } else {
            to.problemWith(
                    target,
                    store.name(),
                    "a document is written to an elasticsearch or redis store; '" + store.name() + "' is sql");
        }
    }

    private void checkSchema(Section to, StoreConfig store, Mention target) {
        boolean usable = target.text().getBytes(StandardCharsets.UTF_8).length <= MAX_IDENTIFIER_BYTES
                && target.text().indexOf('\0') < 0
                && !target.text().startsWith("pg_");
        require(to, store, target, usable, "a schema name of at most 63 bytes that does not begin with pg_");
        boolean captured = source.tables().stream().anyMatch(pattern -> pattern.matchesSchema(target.text()));
        if (captured && store.url().equals(source.url())) {
            to.problemWith(
                    target,
                    store.name(),
                    "schema '" + target.text() + "' of this store is the source itself; choose another schema");
        }
    }

    private void claim(Section to, StoreConfig store, Mention target, String model) {
        String earlier = writers.putIfAbsent(List.of(store.name(), target.text()), model);
        if (earlier != null) {
            to.problemWith(
                    target, store.name(), "'" + target.text() + "' is already written by read model '" + earlier + "'");
        }
    }

    private static void require(Section to, StoreConfig store, Mention target, boolean fits, String expected) {
        if (!fits) {
            to.problemWith(target, store.name(), "expected " + expected + ", found '" + target.text() + "'");
        }
    }
}
