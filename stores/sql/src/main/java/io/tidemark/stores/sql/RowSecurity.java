package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Who may see which rows: what was closed must not be open in the table that takes another one's place. */
final class RowSecurity {

    private static final String SECURED =
            "select relrowsecurity, relforcerowsecurity, (select string_agg(concat_ws(' ', polname, polcmd, polpermissive,"
                    + " polroles::text, pg_get_expr(polqual, polrelid), '/', pg_get_expr(polwithcheck, polrelid)), ';'"
                    + " order by polname) from pg_policy where polrelid = c.oid) from pg_class c where c.oid = to_regclass(?)";

    private final Connection connection;

    RowSecurity(Connection connection) {
        this.connection = connection;
    }

    /**
     * Requires that a table has the row level security that another one has, if that has any.
     *
     * @throws TidemarkException CONFIGURATION when it has not
     */
    void requireSame(String fromQuoted, String toQuoted) throws SQLException {
        String from = of(fromQuoted);
        if (!from.equals("false false null") && !from.equals(of(toQuoted))) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Table " + fromQuoted + " has row level security, and " + toQuoted + ", which is to take its place,"
                            + " has not the same: readers would see rows that are kept from them. Enable it there, with the same"
                            + " policies, or 'tidemark rollback'");
        }
    }

    private String of(String quotedTable) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SECURED)) {
            select.setString(1, quotedTable);
            try (ResultSet row = select.executeQuery()) {
                return row.next()
                        ? row.getBoolean(1) + " " + row.getBoolean(2) + " " + row.getString(3)
                        : "false false null";
            }
        }
    }
}
