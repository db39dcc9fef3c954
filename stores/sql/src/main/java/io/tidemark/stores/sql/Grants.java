package io.tidemark.stores.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Gives those who may read one table the same rights to another one. */
final class Grants {

    private final Connection connection;

    Grants(Connection connection) {
        this.connection = connection;
    }

    void ofTable(String fromQuoted, String toQuoted) throws SQLException {
        copy(
                "select a.grantee::regrole::text, a.grantee = 0, a.privilege_type, a.is_grantable from pg_class c,"
                        + " lateral aclexplode(c.relacl) a where c.oid = to_regclass(?) and a.grantee <> c.relowner",
                fromQuoted,
                "table " + toQuoted);
    }

    /** The grantee comes quoted. */
    private void copy(String query, String from, String onto) throws SQLException {
        List<String> grants = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(query)) {
            select.setString(1, from);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    grants.add("grant " + row.getString(3) + " on " + onto + " to "
                            + (row.getBoolean(2) ? "public" : row.getString(1))
                            + (row.getBoolean(4) ? " with grant option" : ""));
                }
            }
        }
        try (Statement statement = connection.createStatement()) {
            for (String grant : grants) {
                statement.execute(grant);
            }
        }
    }
}
