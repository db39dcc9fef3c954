package io.tidemark.stores.sql;

import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.store.Generation;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * How the tables of a generation are described as of its applied tidemark, in rows of {@code _tidemark_relations}: the
 * columns it names are Tidemark's, all others somebody else's.
 */
final class MirrorDescriptions {

    /**
     * A table as it is.
     *
     * @param kept columns of its history that earlier descriptions had and this one has not
     */
    record Described(Relation relation, Set<String> kept) {

        Described {
            kept = Set.copyOf(kept);
        }
    }

    private final Supplier<String> schema;
    private final Generation generation;

    MirrorDescriptions(Supplier<String> schema, Generation generation) {
        this.schema = schema;
        this.generation = generation;
    }

    void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists " + table()
                    + " (model text, generation integer, collection text, relation text not null,"
                    + " kept text[] not null, primary key (model, generation, collection))");
        }
    }

    /** All there are, by collection. */
    Map<String, Described> all(Connection connection) throws SQLException {
        Map<String, Described> all = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement(
                "select collection, relation, kept from " + table() + " where model = ? and generation = ?")) {
            select.setString(1, generation.model());
            select.setInt(2, generation.number());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    Relation relation = Relation.fromJson(Json.parse(row.getString(2)));
                    all.put(row.getString(1), new Described(relation, names(row.getArray(3))));
                }
            }
        }
        return all;
    }

    private static Set<String> names(Array array) throws SQLException {
        return new TreeSet<>(List.of((String[]) array.getArray()));
    }

    void save(Connection connection, Described described) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("insert into " + table()
                + " (model, generation, collection, relation, kept) values (?, ?, ?, ?, ?)"
                + " on conflict (model, generation, collection) do update set relation = excluded.relation,"
                + " kept = excluded.kept")) {
            upsert.setString(1, generation.model());
            upsert.setInt(2, generation.number());
            upsert.setString(3, described.relation().table().toString());
            upsert.setString(4, Json.text(described.relation().toJson()));
            upsert.setArray(5, connection.createArrayOf("text", described.kept().toArray()));
            upsert.executeUpdate();
        }
    }

    private String table() {
        return SqlIdentifiers.quote(schema.get()) + "." + SqlIdentifiers.quote("_tidemark_relations");
    }
}
