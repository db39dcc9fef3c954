package io.tidemark.stores.sql;

import java.sql.SQLException;
import java.util.Set;
import java.util.regex.Pattern;

/** What somebody else has in the warehouse is in the way of an alteration. It may be tried again, when that is mended. */
final class HinderedException extends SQLException {

    private static final long serialVersionUID = 1L;

    /** Of PostgreSQL's class "object not in prerequisite state". */
    private static final String STATE = "55000";

    /**
     * Others depend on it; a view, a generated column or the like uses it; the name is taken; a default, an index on an
     * expression or a constraint of theirs does not fit; a lock is not to be had.
     */
    private static final Set<String> HINDRANCES =
            Set.of("2BP01", "0A000", "42701", "42804", "42P07", "42883", "23502", "23505", "23514", "55P03");

    /** To drop what depends on it is nothing that we advise. */
    private static final Pattern HINT = Pattern.compile("\\s*Hint:.*", Pattern.DOTALL);

    private static final Pattern LINE_BREAK = Pattern.compile("\\s*\\R\\s*");

    HinderedException(String what, SQLException cause) {
        super(what + " (" + reason(cause) + ")", STATE, cause);
    }

    static boolean hinders(SQLException e) {
        return HINDRANCES.contains(String.valueOf(e.getSQLState()));
    }

    private static String reason(SQLException e) {
        String said =
                HINT.matcher(String.valueOf(e.getMessage())).replaceAll("").strip();
        return LINE_BREAK.matcher(said).replaceAll(" ");
    }
}
