package io.tidemark.stores.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Views of somebody else's on the tables of a generation. They would follow the tables when these are renamed; they are
 * made again with their own words, which mean the generation that is served by then.
 */
final class DependentViews {

    private record View(String quoted, String options, String definition) {}

    private final Connection connection;
    private final List<View> views = new ArrayList<>();

    private DependentViews(Connection connection) {
        this.connection = connection;
    }

    /** @param oids of the tables, before they are renamed */
    static DependentViews on(Connection connection, List<Long> oids) throws SQLException {
        DependentViews found = new DependentViews(connection);
        try (PreparedStatement select =
                connection.prepareStatement("select distinct format('%I.%I', n.nspname, v.relname), coalesce(' with ('"
                        + " || array_to_string(v.reloptions, ', ') || ')', ''), pg_get_viewdef(v.oid) from pg_depend d"
                        + " join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class"
                        + " join pg_namespace n on n.oid = v.relnamespace"
                        + " where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass"
                        + " and d.refobjid = any (?::bigint[]::oid[]) and v.relkind = 'v'")) {
            select.setArray(1, connection.createArrayOf("bigint", oids.toArray()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.views.add(new View(row.getString(1), row.getString(2), row.getString(3)));
                }
            }
        }
        return found;
    }

    /** Makes them again; one that cannot be stays on the tables it was on. */
    void makeAgain() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (View view : views) {
                makeAgain(statement, view);
            }
        }
    }

    private void makeAgain(Statement statement, View view) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            statement.execute("create or replace view " + view.quoted() + view.options() + " as " + view.definition());
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            if (SqlFailures.isPassing(e)) {
                throw e;
            }
            connection.rollback(before);
            System.getLogger(DependentViews.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "View {0} still shows the generation that was served before: {1}",
                            view.quoted(),
                            e.getMessage());
        }
    }
}
