package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Document;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the user wants of an index beside what Tidemark derives; it holds when the index is made.
 *
 * @param settings as Elasticsearch takes them, names nested or with dots, with {@code index.} or without
 * @param mapping as Elasticsearch takes it; fields that are derived, too, are as it says
 */
public record IndexAdditions(ObjectNode settings, ObjectNode mapping) {

    /** The keys a mapping may have. */
    public static final List<String> MAPPING_KEYS = List.of(
            "properties",
            "dynamic",
            "dynamic_templates",
            "dynamic_date_formats",
            "date_detection",
            "numeric_detection",
            "runtime",
            "_meta");

    private static final String PROPERTIES = "properties";
    private static final String TEMPLATES = "dynamic_templates";
    private static final String INDEX = "index.";

    private static final String CHANGED = "documents would not be read back as they were written";

    /** Why settings are refused, by the beginning of their names. */
    private static final Map<String, String> REFUSED_SETTINGS = Map.of(
            "gc_deletes",
            "it is how long deletes are remembered; an older write after that would bring a document back",
            "translog",
            "what was acknowledged could be lost while the applied tidemark is kept",
            "blocks",
            "nothing could be written, or read back",
            "default_pipeline",
            CHANGED,
            "final_pipeline",
            CHANGED,
            "mode",
            CHANGED,
            "mapping.source",
            CHANGED,
            "lifecycle",
            "the index is Tidemark's to make and to replace");

    private static final Map<String, String> REFUSED_MAPPING = Map.of(
            "_source", CHANGED,
            "_routing", "documents are written and read by their id alone",
            "enabled", "documents could not be read back by what they say of themselves");

    /**
     * Keeps copies.
     *
     * @throws TidemarkException CONFIGURATION for what is refused
     */
    public IndexAdditions {
        settings = settings.deepCopy();
        mapping = mapping.deepCopy();
        flat(settings).keySet().forEach(name -> refusedSetting(name).ifPresent(why -> {
            throw refused("setting", name, why);
        }));
        mapping.fieldNames().forEachRemaining(key -> refusedMapping(key).ifPresent(why -> {
            throw refused("mapping key", key, why);
        }));
        mapping.path(PROPERTIES).fieldNames().forEachRemaining(name -> refusedField(name)
                .ifPresent(why -> {
                    throw refused("field", name, why);
                }));
    }

    /** Nothing. */
    public static IndexAdditions none() {
        return new IndexAdditions(Json.object(), Json.object());
    }

    boolean isEmpty() {
        return settings.isEmpty() && mapping.isEmpty();
    }

    /**
     * Why a setting would break what Tidemark promises; empty when it does not.
     *
     * @param name with dots
     */
    public static Optional<String> refusedSetting(String name) {
        String bare = bare(name);
        return REFUSED_SETTINGS.entrySet().stream()
                .filter(refused -> bare.equals(refused.getKey()) || bare.startsWith(refused.getKey() + "."))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Why a key of a mapping would break what Tidemark promises; empty when it does not. */
    public static Optional<String> refusedMapping(String key) {
        return Optional.ofNullable(REFUSED_MAPPING.get(key));
    }

    /** Why a field of a mapping cannot be the user's; empty when it can. */
    public static Optional<String> refusedField(String name) {
        return name.startsWith(Document.POSITION_FIELD)
                ? Optional.of("names that begin with _tidemark are Tidemark's own")
                : Optional.empty();
    }

    private static TidemarkException refused(String what, String name, String why) {
        return new TidemarkException(
                ErrorCode.CONFIGURATION, "The " + what + " '" + name + "' of an index cannot be set: " + why);
    }

    /** Lays these over what was derived. */
    void addTo(ObjectNode definition) {
        ObjectNode derived = (ObjectNode) definition.required("settings");
        flat(settings).forEach((name, value) -> derived.set(INDEX + bare(name), value));
        ObjectNode mappings = (ObjectNode) definition.required("mappings");
        mapping.properties().forEach(key -> add(mappings, key.getKey(), key.getValue()));
    }

    private static void add(ObjectNode mappings, String key, JsonNode value) {
        if (key.equals(PROPERTIES) && value instanceof ObjectNode fields) {
            merge((ObjectNode) mappings.required(PROPERTIES), fields);
        } else if (key.equals(TEMPLATES) && value.isArray()) {
            // The first that matches counts.
            var templates = Json.array();
            value.forEach(templates::add);
            mappings.path(TEMPLATES).forEach(templates::add);
            mappings.set(TEMPLATES, templates);
        } else {
            mappings.set(key, value);
        }
    }

    /**
     * Lays fields over fields. A name with dots is a path, as it is for Elasticsearch.
     *
     * @param fields changed
     */
    static void merge(ObjectNode fields, ObjectNode over) {
        over.properties().forEach(field -> {
            String name = field.getKey();
            int dot = name.indexOf('.');
            if (dot > 0) {
                ObjectNode object = Json.object();
                object.putObject(name.substring(0, dot))
                        .putObject(PROPERTIES)
                        .set(name.substring(dot + 1), field.getValue());
                merge(fields, object);
            } else {
                mergeField(fields, name, field.getValue());
            }
        });
    }

    /** Objects are merged, of which one may become nested; of anything else the later counts. */
    private static void mergeField(ObjectNode fields, String name, JsonNode over) {
        String type = over.path("type").asText("object");
        boolean object = type.equals("object") || type.equals("nested");
        ObjectNode inner = over.path(PROPERTIES) instanceof ObjectNode given ? given : Json.object();
        if (!object || !(over instanceof ObjectNode attributes)) {
            fields.set(name, over);
            return;
        }
        boolean merged = fields.path(name) instanceof ObjectNode there && there.has(PROPERTIES);
        ObjectNode into = merged ? (ObjectNode) fields.required(name) : fields.putObject(name);
        ObjectNode properties = merged ? (ObjectNode) into.required(PROPERTIES) : into.putObject(PROPERTIES);
        attributes.properties().forEach(attribute -> {
            if (!attribute.getKey().equals(PROPERTIES)) {
                into.set(attribute.getKey(), attribute.getValue());
            }
        });
        merge(properties, inner);
    }

    private static Map<String, JsonNode> flat(ObjectNode settings) {
        Map<String, JsonNode> flat = new LinkedHashMap<>();
        settings.properties().forEach(setting -> {
            if (setting.getValue() instanceof ObjectNode nested) {
                flat(nested).forEach((name, value) -> flat.put(setting.getKey() + "." + name, value));
            } else {
                flat.put(setting.getKey(), setting.getValue());
            }
        });
        return flat;
    }

    private static String bare(String name) {
        return name.startsWith(INDEX) ? name.substring(INDEX.length()) : name;
    }
}
