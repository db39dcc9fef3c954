package io.tidemark.capture.internal.engine;

import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.PostgresPartition;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;

/** Debezium's task, with the replication connection replaced at the seam Debezium leaves for it. */
public final class WalConnectorTask extends PostgresConnectorTask {

    private static final int MOST_EVENTS = 256;

    private volatile WalQueue queue = new WalQueue();

    @Override
    public ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> start(Configuration config) {
        queue = WalQueue.of(config.getString(WalQueue.PROPERTY));
        return super.start(config);
    }

    /**
     * All that is there, as soon as something is. The queue has a batch size of one: with more it waits for
     * {@code poll.interval.ms} until a batch is full.
     */
    @Override
    public List<SourceRecord> doPoll() throws InterruptedException {
        List<SourceRecord> records = new ArrayList<>();
        do {
            List<SourceRecord> next = super.doPoll();
            queue.taken(next.size());
            records.addAll(next);
        } while (!records.isEmpty() && records.size() < MOST_EVENTS && queue.hasMore());
        return records;
    }

    @Override
    protected ReplicationConnection buildReplicationConnection(
            PostgresConnection jdbcConnection, PostgresSchema schema, PostgresConnectorConfig config) {
        return new WalConnection(
                config.getJdbcConfig().asProperties(), config.slotName(), config.publicationName(), queue);
    }
}
