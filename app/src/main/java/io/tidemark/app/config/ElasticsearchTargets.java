package io.tidemark.app.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.ReadModelConfig.TargetOptions;
import io.tidemark.model.Json;
import io.tidemark.stores.elasticsearch.IndexAdditions;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Parses targets in elasticsearch stores: an alias, or a mapping of it and of what the user adds to the index. */
final class ElasticsearchTargets {

    /** Names Elasticsearch takes, less what would be a date expression or a list. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9][^A-Z\\\\/*?\"<>| ,#:]{0,200}");

    private static final String INDEX = "index";
    private static final String SETTINGS = "settings";
    private static final String MAPPING = "mapping";
    private static final String PROPERTIES = "properties";

    private ElasticsearchTargets() {}

    static Optional<Target> parse(Section to, StoreConfig store) {
        Optional<Section> options = to.mapping(store.name());
        options.ifPresent(section -> section.allowOnly(List.of(INDEX, SETTINGS, MAPPING)));
        Section section = options.orElse(to);
        String key = options.isPresent() ? INDEX : store.name();
        Mention alias = section.text(key);
        IndexAdditions additions = options.map(ElasticsearchTargets::additions).orElseGet(IndexAdditions::none);
        if (alias.text().isEmpty()) {
            return Optional.empty();
        }
        if (!NAME.matcher(alias.text()).matches()) {
            section.problemWith(alias, key, "expected an index name in lower case, found '" + alias.text() + "'");
        }
        return Optional.of(new Target(store.name(), alias, new TargetOptions.Index(additions)));
    }

    private static IndexAdditions additions(Section options) {
        boolean usable = true;
        Optional<Section> settings = options.section(SETTINGS);
        Optional<Section> mapping = options.section(MAPPING);
        if (settings.isPresent()) {
            usable = checkSettings(settings.get(), "");
        }
        if (mapping.isPresent()) {
            usable &= checkMapping(mapping.get());
        }
        return usable ? new IndexAdditions(json(settings), json(mapping)) : IndexAdditions.none();
    }

    private static ObjectNode json(Optional<Section> section) {
        return section.map(Section::json).orElseGet(Json::object);
    }

    private static boolean checkSettings(Section settings, String prefix) {
        boolean usable = true;
        for (Mention key : settings.keys()) {
            String name = prefix + key.text();
            Optional<String> refused = IndexAdditions.refusedSetting(name);
            refused.ifPresent(why -> cannotBeSet(settings, key, why));
            Optional<Section> nested = settings.mapping(key.text());
            usable &= refused.isEmpty() && (nested.isEmpty() || checkSettings(nested.get(), name + "."));
        }
        return usable;
    }

    private static boolean checkMapping(Section mapping) {
        boolean usable = true;
        for (Mention key : mapping.keys()) {
            Optional<String> refused = IndexAdditions.refusedMapping(key.text());
            refused.ifPresent(why -> cannotBeSet(mapping, key, why));
            if (refused.isEmpty() && !IndexAdditions.MAPPING_KEYS.contains(key.text())) {
                mapping.unknown(key, IndexAdditions.MAPPING_KEYS);
            }
            usable &= refused.isEmpty();
        }
        Optional<Section> properties = mapping.section(PROPERTIES);
        for (Mention field : properties.map(Section::keys).orElse(List.of())) {
            Optional<String> refused = IndexAdditions.refusedField(field.text());
            refused.ifPresent(why -> cannotBeSet(mapping, field, why));
            usable &= refused.isEmpty();
        }
        return usable;
    }

    private static void cannotBeSet(Section section, Mention key, String why) {
        section.problem(key.place(), "'" + key.text() + "' cannot be set: " + why);
    }
}
