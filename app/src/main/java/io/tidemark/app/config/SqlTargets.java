package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.ReadModelConfig.TargetOptions;
import io.tidemark.model.TableId;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Parses targets in sql stores: schemas of mirrors, tables of documents. */
final class SqlTargets {

    private static final int MAX_IDENTIFIER_BYTES = 63;
    private static final String TABLE = "table";
    private static final String COLUMNS = "columns";

    private final SourceConfig source;
    /** The read model that is in a schema, by store and schema. */
    private final Map<List<String>, String> mirrors = new HashMap<>();

    private final Map<List<String>, String> documents = new HashMap<>();

    SqlTargets(SourceConfig source) {
        this.source = source;
    }

    Optional<Target> mirror(Section to, StoreConfig store, String model) {
        Mention schema = to.text(store.name());
        if (schema.text().isEmpty()) {
            return Optional.empty();
        }
        checkSchema(to, store.name(), schema, store);
        claim(to, store, schema, mirrors, model, documents);
        return Optional.of(new Target(store.name(), schema, new TargetOptions.None()));
    }

    /** A table, or a mapping of it and of columns. */
    Optional<Target> document(Section to, StoreConfig store, String model) {
        Optional<Section> options = to.mapping(store.name());
        options.ifPresent(section -> section.allowOnly(List.of(TABLE, COLUMNS)));
        Section section = options.orElse(to);
        String key = options.isPresent() ? TABLE : store.name();
        Mention table = section.text(key);
        if (!TablePattern.isValid(table.text())) {
            require(section, key, table, table.text().isEmpty(), "a table with its schema, such as reporting.orders");
            return Optional.empty();
        }
        TableId id = TableId.parse(table.text());
        boolean usable = fits(id.name()) && !Names.isReserved(id.name());
        require(section, key, table, usable, "a table name of at most 63 bytes that does not begin with _tidemark");
        Mention schema = new Mention(id.schema(), table.place());
        checkSchema(section, key, schema, store);
        claim(to, store, schema, documents, model, mirrors);
        List<Mention> columns = options.map(SqlTargets::columns).orElse(List.of());
        return Optional.of(new Target(store.name(), table, new TargetOptions.Columns(columns)));
    }

    private static List<Mention> columns(Section options) {
        List<Mention> columns = options.texts(COLUMNS);
        Set<String> seen = new HashSet<>();
        for (Mention column : columns) {
            if (!seen.add(column.text())) {
                options.problemWith(column, COLUMNS, "'" + column.text() + "' is listed twice");
            }
        }
        return columns;
    }

    private void checkSchema(Section section, String key, Mention schema, StoreConfig store) {
        boolean usable = fits(schema.text()) && !schema.text().startsWith("pg_");
        require(section, key, schema, usable, "a schema name of at most 63 bytes that does not begin with pg_");
        boolean captured = source.tables().stream().anyMatch(pattern -> pattern.matchesSchema(schema.text()));
        if (captured && store.url().equals(source.url())) {
            section.problemWith(
                    schema,
                    key,
                    "schema '" + schema.text() + "' of this store is the source itself; choose another schema");
        }
    }

    /** A mirror's tables are named by the source, so that no document's table would be safe beside them. */
    private static void claim(
            Section to,
            StoreConfig store,
            Mention schema,
            Map<List<String>, String> ours,
            String model,
            Map<List<String>, String> others) {
        List<String> place = List.of(store.name(), schema.text());
        ours.putIfAbsent(place, model);
        String other = others.get(place);
        if (other != null) {
            to.problemWith(
                    schema,
                    store.name(),
                    "schema '" + schema.text() + "' is already written by read model '" + other
                            + "'; a mirror needs a schema for itself");
        }
    }

    static boolean fits(String identifier) {
        return identifier.getBytes(StandardCharsets.UTF_8).length <= MAX_IDENTIFIER_BYTES
                && identifier.indexOf('\0') < 0;
    }

    private static void require(Section section, String key, Mention target, boolean fits, String expected) {
        if (!fits) {
            section.problemWith(target, key, "expected " + expected + ", found '" + target.text() + "'");
        }
    }
}
