package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Generation;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * How generations that readers are not given are called, and the lock that keeps a generation under its name: shared by
 * those who write it, each for a transaction; for itself whoever renames it.
 */
final class Beside {

    private static final int MAX_IDENTIFIER_BYTES = 63;
    private static final String LOCK = "tidemark place ";

    private Beside() {}

    /** {@code orders@3} for the third generation of what readers know as {@code orders}. */
    static String name(String served, int number) {
        String name = served + "@" + number;
        if (!fits(name)) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "'" + name + "' is too long a name for PostgreSQL: what is built beside '" + served
                            + "' is called so. Give the target a shorter name");
        }
        return name;
    }

    /**
     * The same for who only looks for it: empty for a first generation whose name leaves no room, beside which there can be
     * no other.
     */
    static Optional<String> possible(String served, int number) {
        return number == 1 && !fits(served + "@1") ? Optional.empty() : Optional.of(name(served, number));
    }

    private static boolean fits(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length <= MAX_IDENTIFIER_BYTES;
    }

    /** Until the end of the transaction nobody renames it. */
    static void share(Connection connection, String served, Generation generation) throws SQLException {
        try (PreparedStatement lock =
                connection.prepareStatement("select pg_advisory_xact_lock_shared(hashtextextended(?, 0))")) {
            lock.setString(1, LOCK + served + " " + generation);
            lock.execute();
        }
    }

    /**
     * Until the end of the transaction nobody writes it. Does not wait: who comes after one that waits would wait, too.
     *
     * @return false when somebody writes it now
     */
    static boolean take(Connection connection, String served, Generation generation) throws SQLException {
        try (PreparedStatement lock =
                connection.prepareStatement("select pg_try_advisory_xact_lock(hashtextextended(?, 0))")) {
            lock.setString(1, LOCK + served + " " + generation);
            try (ResultSet row = lock.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
