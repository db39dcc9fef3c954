package io.tidemark.capture.internal.engine;

import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;

/** Debezium's task, with the replication connection replaced at the seam Debezium leaves for it. */
public final class WalConnectorTask extends PostgresConnectorTask {

    @Override
    protected ReplicationConnection buildReplicationConnection(
            PostgresConnection jdbcConnection, PostgresSchema schema, PostgresConnectorConfig config) {
        return new WalConnection(config.getJdbcConfig().asProperties(), config.slotName(), config.publicationName());
    }
}
