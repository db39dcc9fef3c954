package io.tidemark.capture.internal.snapshot;

import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;

/** Whether a snapshot still shows a table as it was: PostgreSQL shows it empty, or with other types, once it was altered. */
final class StillShown {

    /** The catalogue as the snapshot has it beside the files as they are. */
    private static final String REWRITTEN = """
            SELECT coalesce(bool_or(c.relfilenode IS DISTINCT FROM pg_relation_filenode(c.oid)), false)
            FROM pg_class c
            WHERE c.relkind = 'r' AND (c.oid = ?::regclass OR c.oid IN (SELECT relid FROM pg_partition_tree(?::regclass)))
            """;

    private StillShown() {}

    /** The snapshot does not show the table as it was any more. */
    static final class OutdatedException extends Exception {
        private static final long serialVersionUID = 1;

        OutdatedException(String message) {
            super(message);
        }
    }

    /**
     * Asked before a table is read; it is not altered after that until the transaction ends.
     *
     * @throws OutdatedException when it was altered
     */
    static void require(Connection connection, Relation relation) throws SQLException, OutdatedException {
        requireSameFiles(connection, relation);
        requireSameTypes(connection, relation);
    }

    /**
     * Requires that the table was not written anew since the snapshot: TRUNCATE and some forms of ALTER TABLE leave a table
     * that looks empty to an older snapshot. It is locked against them first, as COPY would.
     */
    private static void requireSameFiles(Connection connection, Relation relation)
            throws SQLException, OutdatedException {
        try (Statement lock = connection.createStatement();
                PreparedStatement statement = connection.prepareStatement(REWRITTEN)) {
            lock.execute("LOCK TABLE " + relation.table().quoted() + " IN ACCESS SHARE MODE");
            statement.setString(1, relation.table().quoted());
            statement.setString(2, relation.table().quoted());
            try (ResultSet row = statement.executeQuery()) {
                if (row.next() && row.getBoolean(1)) {
                    throw new OutdatedException(relation.table() + " was written anew since the snapshot");
                }
            }
        }
    }

    /**
     * Requires that the columns have the types the snapshot's catalogue says: COPY prints values of the type they have now,
     * and some changes of a type write no file anew. The server resolves names of today, whatever the snapshot.
     */
    private static void requireSameTypes(Connection connection, Relation relation)
            throws SQLException, OutdatedException {
        String types = relation.columns().stream()
                .map(column -> "pg_typeof((SELECT " + SqlIdentifiers.quote(column.name()) + " FROM "
                        + relation.table().quoted() + " LIMIT 0))::oid")
                .collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + types)) {
            row.next();
            for (int i = 0; i < relation.columns().size(); i++) {
                if (row.getLong(i + 1) != relation.columns().get(i).typeOid()) {
                    throw new OutdatedException(relation.table() + " was altered since the snapshot");
                }
            }
        }
    }
}
