package io.tidemark.capture.internal.engine;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.debezium.connector.postgresql.connection.WalPositionLocator;
import io.debezium.connector.postgresql.spi.SlotCreationResult;
import io.tidemark.capture.internal.ReplicationSession;
import io.tidemark.capture.internal.SystemIdentity;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.replication.PGReplicationStream;

/** A replication connection that always starts from the slot: its confirmed LSN is the only checkpoint. */
final class WalConnection implements ReplicationConnection {

    private static final int STATUS_INTERVAL_SECONDS = 5;

    private final Properties jdbc;
    private final String slot;
    private final String publication;
    private final WalQueue queue;
    private @Nullable PgConnection connection;

    WalConnection(Properties jdbc, String slot, String publication, WalQueue queue) {
        this.queue = queue;
        this.jdbc = jdbc;
        this.slot = slot;
        this.publication = publication;
    }

    @Override
    public ReplicationStream startStreaming(WalPositionLocator walPosition) throws SQLException {
        PgConnection open = connect();
        queue.comesFrom(SystemIdentity.read(open));
        PGReplicationStream stream = open.unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(slot)
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", publication)
                .withSlotOption("messages", true)
                .withStatusInterval(STATUS_INTERVAL_SECONDS, TimeUnit.SECONDS)
                .withAutomaticFlush(false)
                .start();
        return new WalStream(stream, Duration.ofSeconds(STATUS_INTERVAL_SECONDS), queue);
    }

    /** Debezium asks for this only with a stored offset, and none is ever trusted. */
    @Override
    public ReplicationStream startStreaming(@Nullable Lsn offset, WalPositionLocator walPosition) throws SQLException {
        return startStreaming(walPosition);
    }

    @Override
    public Optional<SlotCreationResult> createReplicationSlot() throws SQLException {
        throw new SQLException(
                "The replication slot '" + slot + "' has gone; capture does not create it while streaming");
    }

    @Override
    public void initConnection() {
        // The publication and the slot are made before the engine starts.
    }

    @Override
    public boolean isConnected() throws SQLException {
        return connection != null && !connection.isClosed();
    }

    @Override
    public void reconnect() throws SQLException {
        close();
        connect();
    }

    @Override
    public void close() throws SQLException {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    private PgConnection connect() throws SQLException {
        PgConnection open = connection;
        if (open == null || open.isClosed()) {
            String url = "jdbc:postgresql://" + jdbc.getProperty("hostname") + ":" + jdbc.getProperty("port") + "/"
                    + jdbc.getProperty("dbname");
            open = ReplicationSession.open(url, jdbc);
            connection = open;
        }
        return open;
    }
}
