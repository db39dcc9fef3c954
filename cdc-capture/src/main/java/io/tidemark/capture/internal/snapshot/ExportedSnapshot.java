package io.tidemark.capture.internal.snapshot;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.ReplicationSession;
import io.tidemark.capture.internal.SourceErrors;
import io.tidemark.model.Lsn;
import io.tidemark.model.SqlIdentifiers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A snapshot of the source at an exact place of its WAL, which only the creation of a logical slot exports: what an
 * ordinary snapshot sees is not in the order of the WAL. The slot is a temporary one, and gone once the connections
 * have entered the snapshot.
 *
 * @param lsn everything whose commit record is before it is visible, and nothing else
 * @param connections each in a read-only transaction that sees this snapshot
 */
record ExportedSnapshot(Lsn lsn, List<Connection> connections) {

    /**
     * A reader waits for the stream as long as it takes, but not for a lock: who waits to alter a table waits for the other
     * readers of this snapshot, too. Rows that a policy hides are an error.
     */
    private static final List<String> SETTINGS = List.of(
            "SET statement_timeout TO 0",
            "SET lock_timeout TO '5s'",
            "SET idle_in_transaction_session_timeout TO 0",
            "SET row_security TO off");

    private static final Logger LOG = LoggerFactory.getLogger(ExportedSnapshot.class);

    ExportedSnapshot {
        connections = List.copyOf(connections);
    }

    /**
     * Takes one; waits for every transaction to end that is writing in the source now.
     *
     * @param replication exports it, as long as it does nothing else
     */
    static ExportedSnapshot take(CaptureSettings settings, Connection replication, int connections)
            throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet slot = statement.executeQuery("CREATE_REPLICATION_SLOT tidemark_snapshot_"
                        + UUID.randomUUID().toString().replace('-', '_')
                        + " TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT")) {
            slot.next();
            Lsn lsn = Lsn.parse(slot.getString("consistent_point"));
            String name = slot.getString("snapshot_name");
            List<Connection> entered = new ArrayList<>();
            try {
                for (int i = 0; i < connections; i++) {
                    entered.add(enter(settings, name));
                }
            } catch (SQLException | RuntimeException e) {
                abort(entered);
                throw e;
            }
            return new ExportedSnapshot(lsn, entered);
        }
    }

    private static Connection enter(CaptureSettings settings, String snapshot) throws SQLException {
        Connection connection = SourceErrors.connect(settings.source());
        try {
            prepare(connection, "SET TRANSACTION SNAPSHOT " + SqlIdentifiers.literal(snapshot));
            return connection;
        } catch (SQLException e) {
            abort(List.of(connection));
            throw e;
        }
    }

    /**
     * Begins a transaction to read tables in.
     *
     * @param snapshot the statement that enters one; empty for a snapshot of now
     */
    static void prepare(Connection connection, String snapshot) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            if (!snapshot.isEmpty()) {
                statement.execute(snapshot);
            }
            for (String setting : SETTINGS) {
                statement.execute(setting);
            }
        }
        ReplicationSession.applySettings(connection);
    }

    /** Gives the snapshot up, whatever is being read from it. */
    void abort() {
        abort(connections);
    }

    static void abort(List<Connection> connections) {
        for (Connection connection : connections) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("Closing a connection of a snapshot", e);
            }
        }
    }
}
