package io.tidemark.capture.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A publication as the source has it. Changes made while a table was out of it are in no stream, and no error tells of
 * them from PostgreSQL 18 on; what was taken out and put back has another oid than before.
 *
 * @param identity oid and published operations; empty when there is no such publication
 * @param tables those in it, each with what the catalogue says of its membership
 */
record PublicationState(String identity, Map<TableId, String> tables) {

    private static final int FORMAT = 1;

    private static final String IDENTITY = """
            SELECT concat_ws(' ', oid, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot)
            FROM pg_publication WHERE pubname = ?
            """;

    /** A table published by its schema, or with all tables, has no entry of its own. */
    private static final String TABLES = """
            SELECT t.schemaname, t.tablename, coalesce(m.entry, '') AS entry
            FROM pg_publication_tables t LEFT JOIN (
                SELECT n.nspname, c.relname, to_jsonb(r)::text AS entry
                FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
                JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE p.pubname = ?) m ON m.nspname = t.schemaname AND m.relname = t.tablename
            WHERE t.pubname = ?
            """;

    PublicationState {
        tables = Map.copyOf(tables);
    }

    static PublicationState read(Connection connection, String publication) throws SQLException {
        Map<TableId, String> tables = new TreeMap<>();
        try (PreparedStatement identity = connection.prepareStatement(IDENTITY);
                PreparedStatement members = connection.prepareStatement(TABLES)) {
            identity.setString(1, publication);
            members.setString(1, publication);
            members.setString(2, publication);
            try (ResultSet rows = members.executeQuery()) {
                while (rows.next()) {
                    tables.put(
                            new TableId(rows.getString("schemaname"), rows.getString("tablename")),
                            rows.getString("entry"));
                }
            }
            try (ResultSet row = identity.executeQuery()) {
                return new PublicationState(row.next() ? row.getString(1) : "", tables);
            }
        }
    }

    /** What of these tables' membership is not as it was; empty when nothing is. */
    Optional<String> differenceFrom(PublicationState before, List<TableId> captured) {
        if (identity.isEmpty()) {
            return Optional.of("was dropped");
        }
        if (!identity.equals(before.identity)) {
            return Optional.of("was dropped and made anew, or what it publishes was altered,");
        }
        for (TableId table : captured) {
            String entry = tables.get(table);
            if (entry == null) {
                return Optional.of("lost table " + table);
            }
            if (!entry.equals(before.tables.getOrDefault(table, entry))) {
                return Optional.of("lost table " + table + " and got it back");
            }
        }
        return Optional.empty();
    }

    /** The oid of a table that is in the publication by its own name; empty for one that is in it by schema, or with all. */
    OptionalLong oidOf(TableId table) {
        String entry = tables.getOrDefault(table, "");
        return entry.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Json.parse(entry).required("prrelid").asLong());
    }

    /** This state, with the tables that were known before. */
    PublicationState with(PublicationState before) {
        Map<TableId, String> all = new TreeMap<>(tables);
        all.putAll(before.tables);
        return new PublicationState(before.identity, all);
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object().put("format", FORMAT).put("identity", identity);
        ObjectNode entries = json.putObject("tables");
        new TreeMap<>(tables).forEach((table, entry) -> {
            entries.withObject("/" + escaped(table.schema())).put(table.name(), entry);
        });
        return json;
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    static PublicationState fromJson(JsonNode json) {
        Map<TableId, String> tables = new TreeMap<>();
        json.required("tables").properties().forEach(schema -> schema.getValue()
                .properties()
                .forEach(table -> tables.put(
                        new TableId(schema.getKey(), table.getKey()),
                        table.getValue().textValue())));
        return new PublicationState(json.required("identity").textValue(), tables);
    }
}
