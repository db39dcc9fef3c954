package io.tidemark.stores.sql;

import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TableId;
import io.tidemark.model.store.Generation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The table that one generation of a document model is in: the one of the configuration, or, while readers are not given
 * it, one beside it, {@code orders@2}. The bookkeeping knows it by its oid, so a rename does not lose it.
 */
final class DocumentPlace {

    private final TableId served;
    private final Generation generation;

    DocumentPlace(TableId served, Generation generation) {
        this.served = served;
        this.generation = generation;
    }

    String beside() {
        return Beside.name(served.name(), generation.number());
    }

    String quoted(String name) {
        return new TableId(served.schema(), name).quoted();
    }

    String generations() {
        return SqlIdentifiers.quote(served.schema()) + "." + SqlIdentifiers.quote("_tidemark_generations");
    }

    /** The name of its table; empty when the table is not there, or somebody has renamed it. */
    Optional<String> find(Connection connection) throws SQLException {
        return Bookkeeping.exists(connection, generations()) ? find(connection, "") : Optional.empty();
    }

    /** The same, of the table with this oid and no other. */
    Optional<String> find(Connection connection, long oid) throws SQLException {
        return find(connection, " and epoch = " + oid);
    }

    private Optional<String> find(Connection connection, String condition) throws SQLException {
        Optional<String> beside = Beside.possible(served.name(), generation.number());
        try (PreparedStatement select = connection.prepareStatement("select case epoch"
                + " when to_regclass(?)::oid::bigint then ? when to_regclass(?)::oid::bigint then ? end from "
                + generations() + " where model = ? and generation = ?" + condition)) {
            select.setString(1, quoted(served.name()));
            select.setString(2, served.name());
            select.setString(3, beside.map(this::quoted).orElse(null));
            select.setString(4, beside.orElse(null));
            select.setString(5, generation.model());
            select.setInt(6, generation.number());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
            }
        }
    }

    /** Where it is to be made, or looked for by its name: not where another generation of the model is. */
    String nameToMake(Connection connection, boolean serves) throws SQLException {
        if (!serves) {
            return beside();
        }
        try (PreparedStatement select = connection.prepareStatement("select from " + generations()
                + " where epoch = to_regclass(?)::oid::bigint and model = ? and generation <> ?")) {
            select.setString(1, quoted(served.name()));
            select.setString(2, generation.model());
            select.setInt(3, generation.number());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? beside() : served.name();
            }
        }
    }
}
