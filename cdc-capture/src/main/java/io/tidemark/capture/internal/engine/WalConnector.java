package io.tidemark.capture.internal.engine;

import io.debezium.connector.postgresql.PostgresConnector;
import org.apache.kafka.connect.connector.Task;

/** Debezium's PostgreSQL connector with a task that hands the WAL's own messages through. */
public final class WalConnector extends PostgresConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return WalConnectorTask.class;
    }
}
