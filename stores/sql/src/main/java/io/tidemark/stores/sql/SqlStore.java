package io.tidemark.stores.sql;

import java.sql.SQLException;

/** A warehouse as {@code tidemark check} sees it. */
public final class SqlStore {

    private SqlStore() {}

    /**
     * Reaches the server and signs in.
     *
     * @return the server's version, for example {@code PostgreSQL 18.6}
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when it does not answer or refuses the credentials
     */
    public static String check(SqlSettings settings) {
        try (Warehouse warehouse = new Warehouse(settings)) {
            return warehouse.orFail(SqlStore::version);
        }
    }

    private static String version(java.sql.Connection connection) throws SQLException {
        var metadata = connection.getMetaData();
        return metadata.getDatabaseProductName() + " " + metadata.getDatabaseProductVersion();
    }
}
