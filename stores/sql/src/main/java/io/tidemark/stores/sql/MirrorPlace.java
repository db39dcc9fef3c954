package io.tidemark.stores.sql;

import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.store.Generation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;

/**
 * The schema that one generation of a mirror is in: the mirror's own, or, while readers are not given it, one beside it,
 * {@code shop@2}. Its tables move when readers are given it or another one, its bookkeeping with them. Not thread-safe.
 */
final class MirrorPlace {

    private final String served;
    private final Generation generation;
    private String name;
    private long oid;

    MirrorPlace(String served, Generation generation) {
        this.served = served;
        this.generation = generation;
        this.name = served;
    }

    String name() {
        return name;
    }

    String beside() {
        return Beside.name(served, generation.number());
    }

    /**
     * Looks where the generation is.
     *
     * @param serves whether it is to be in the mirror's own schema, if it is nowhere
     */
    void find(Connection connection, boolean serves) throws SQLException {
        Beside.share(connection, served, generation);
        oid = 0;
        if (isIn(connection, served)) {
            name = served;
        } else if (isBeside(connection)) {
            name = beside();
        } else {
            name = serves ? served : beside();
        }
    }

    /** Looks where it is, for who only reads. */
    String findToRead(Connection connection) throws SQLException {
        name = !isIn(connection, served) && isBeside(connection) ? beside() : served;
        return name;
    }

    private boolean isBeside(Connection connection) throws SQLException {
        Optional<String> beside = Beside.possible(served, generation.number());
        return beside.isPresent() && isIn(connection, beside.get());
    }

    private boolean isIn(Connection connection, String schema) throws SQLException {
        String generations = generations(schema);
        if (!Bookkeeping.exists(connection, generations)) {
            return false;
        }
        try (PreparedStatement select =
                connection.prepareStatement("select from " + generations + " where model = ? and generation = ?")) {
            select.setString(1, generation.model());
            select.setInt(2, generation.number());
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static String generations(String schema) {
        return SqlIdentifiers.quote(schema) + "." + SqlIdentifiers.quote("_tidemark_generations");
    }

    /** It is made: from here on it is known wherever it goes. */
    void made(Connection connection) throws SQLException {
        oid = Bookkeeping.oid(connection, generations(name));
    }

    /**
     * Keeps it where it is until the end of the transaction.
     *
     * @return whether it is somewhere else than it was
     */
    boolean enter(Connection connection) throws SQLException {
        Beside.share(connection, served, generation);
        try (PreparedStatement select = connection.prepareStatement("select n.nspname from pg_class c"
                + " join pg_namespace n on n.oid = c.relnamespace where c.oid = ?::bigint::oid")) {
            select.setLong(1, oid);
            try (ResultSet row = select.executeQuery()) {
                String now = row.next() ? Objects.requireNonNull(row.getString(1)) : name;
                boolean moved = !now.equals(name);
                name = now;
                return moved;
            }
        }
    }
}
