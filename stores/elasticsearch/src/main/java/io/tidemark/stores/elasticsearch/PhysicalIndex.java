package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Generation;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The index of one generation, {@code orders-3} behind the alias {@code orders}. */
record PhysicalIndex(String alias, String name, Generation generation) {

    /** Key of the mapping's own notes that says whose index it is. */
    private static final String OURS = "tidemark";

    /** Field with the row key's JSON, from which a reader knows the key again. */
    static final String KEY = Document.POSITION_FIELD + "_key";

    static PhysicalIndex of(String alias, Generation generation) {
        boolean valid = alias.matches("[a-z0-9][a-z0-9._-]{0,200}");
        if (!valid) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "'" + alias
                            + "' cannot name an Elasticsearch alias: use lower case letters, digits, '.', '_', '-'");
        }
        return new PhysicalIndex(alias, alias + "-" + generation.number(), generation);
    }

    /** The index there is by this name now; empty for none. */
    Optional<Incarnation> incarnation(ElasticsearchServer server) {
        String path = "/" + name + "/_settings?flat_settings=true";
        var answer = server.orFail("GET", path, null, 404);
        if (!answer.ok()) {
            return Optional.empty();
        }
        return Optional.of(Incarnation.of(name, answer.json().path(name).path("settings")));
    }

    /**
     * Creates index and alias where they are missing; an alias that serves another generation is left alone.
     *
     * @param numbers see {@link ElasticsearchWriter}
     * @param serves whether searchers are to be given it; else the alias is left for whoever promotes it
     */
    void create(ElasticsearchServer server, Map<String, String> numbers, IndexAdditions additions, boolean serves) {
        ObjectNode definition = definition(numbers, additions);
        ((ObjectNode) definition.required("mappings")).withObject("/_meta").put(OURS, generation.toString());
        var created = server.orFail("PUT", "/" + name, definition, 400);
        if (!created.ok()) {
            if (!created.errorType().equals("resource_already_exists_exception")) {
                throw additions.isEmpty() ? server.failure(created) : refused(server, created.error());
            }
            requireOurs(server);
        }
        if (!serves || server.orFail("HEAD", "/_alias/" + alias, null, 404).ok()) {
            return;
        }
        var aliased = server.orFail("PUT", "/" + name + "/_alias/" + alias, null, 400);
        if (!aliased.ok()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "The alias '" + alias + "' cannot be made in " + server.display() + " (" + aliased.error()
                            + "): choose another name, or drop the index of that name");
        }
    }

    /** The first generation's may be from before indexes said whose they are. */
    private void requireOurs(ElasticsearchServer server) {
        String owner = owner(server);
        if (!owner.equals(generation.toString()) && !(owner.isEmpty() && generation.number() == 1)) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "The index '" + name + "' in " + server.display() + " is "
                            + (owner.isEmpty() ? "somebody else's" : owner + "'s") + ", and " + generation
                            + " was to be made there: delete it, or choose another name for the alias");
        }
    }

    /** The generation that the index says it is of; empty for somebody else's, for one of an earlier build, and for none. */
    String owner(ElasticsearchServer server) {
        return owner(server.orFail("GET", "/" + name + "/_mapping", null, 404).json(), name);
    }

    /** What one of several indexes says. */
    static String owner(ObjectNode mappings, String name) {
        return mappings.path(name).path("mappings").path("_meta").path(OURS).asText();
    }

    /** Whether an index with the alias is a generation of this model: it says so, or is called so and says nothing. */
    boolean isOfModel(String other, String owner) {
        return owner.isEmpty()
                ? other.matches(Pattern.quote(alias) + "-[0-9]+")
                : owner.startsWith(generation.model() + "@");
    }

    private TidemarkException refused(ElasticsearchServer server, String why) {
        return new TidemarkException(
                ErrorCode.CONFIGURATION,
                "The index '" + name + "' cannot be made in " + server.display()
                        + " with the settings and the mapping given (" + why + "): mend them");
    }

    /**
     * Strings become text with a keyword below (Elasticsearch's own default); nothing is guessed from their looks. A
     * number the field cannot hold is kept in the document and only not searchable.
     */
    static ObjectNode definition(Map<String, String> numbers, IndexAdditions additions) {
        ObjectNode definition = Json.parseObject("""
                {"settings": {"index.number_of_shards": 1, "index.number_of_replicas": 0, "index.gc_deletes": "1h"},
                 "mappings": {
                   "date_detection": false,
                   "numeric_detection": false,
                   "dynamic_templates": [
                     {"integers": {"match_mapping_type": "long",
                                   "mapping": {"type": "long", "ignore_malformed": true}}},
                     {"numbers": {"match_mapping_type": "double",
                                  "mapping": {"type": "double", "ignore_malformed": true}}}],
                   "properties": {
                     "_tidemark": {"type": "long"},
                     "_tidemark_key": {"type": "keyword", "index": false, "doc_values": false}}}}
                """);
        ObjectNode fields = Json.object();
        numbers.forEach((path, type) -> fields.putObject(path).put("type", type).put("ignore_malformed", true));
        IndexAdditions.merge((ObjectNode) definition.at("/mappings/properties"), fields);
        additions.addTo(definition);
        return definition;
    }
}
