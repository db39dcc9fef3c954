package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Parses the {@code to} of read models and sees that no two write to the same place. */
final class TargetParser {

    private final SqlTargets sql;
    private final Map<String, StoreConfig> stores;
    private final Map<List<String>, String> writers = new HashMap<>();

    TargetParser(SourceConfig source, Map<String, StoreConfig> stores) {
        this.sql = new SqlTargets(source);
        this.stores = stores;
    }

    List<Target> parse(Section model, boolean mirror) {
        List<Target> targets = new ArrayList<>();
        Section to = model.requiredSection("to");
        if (to.keys().isEmpty() && !to.isMissing()) {
            to.problem(to.place(), "expected at least one store, as in to: {search: orders}");
        }
        String name = model.name().text();
        for (Mention key : to.keys()) {
            StoreConfig store = stores.get(key.text());
            if (store == null) {
                to.problem(
                        key.place(),
                        "there is no store '" + key.text() + "'" + Suggestion.of(key.text(), stores.keySet()));
            } else {
                (mirror ? mirror(to, store, name) : document(to, store, name)).ifPresent(target -> {
                    claim(to, target, name);
                    targets.add(target);
                });
            }
        }
        return targets;
    }

    private Optional<Target> mirror(Section to, StoreConfig store, String model) {
        if (store instanceof StoreConfig.Sql) {
            return sql.mirror(to, store, model);
        }
        to.problemWith(
                to.text(store.name()),
                store.name(),
                "a mirror is written to a sql store; '" + store.name() + "' is " + store.kind());
        return Optional.empty();
    }

    private Optional<Target> document(Section to, StoreConfig store, String model) {
        if (store instanceof StoreConfig.Sql) {
            return sql.document(to, store, model);
        }
        return store instanceof StoreConfig.Redis
                ? RedisTargets.parse(to, store)
                : ElasticsearchTargets.parse(to, store);
    }

    private void claim(Section to, Target target, String model) {
        Mention place = target.target();
        String earlier = writers.putIfAbsent(List.of(target.store(), place.text()), model);
        if (earlier != null) {
            to.problemWith(
                    place, target.store(), "'" + place.text() + "' is already written by read model '" + earlier + "'");
        }
    }
}
