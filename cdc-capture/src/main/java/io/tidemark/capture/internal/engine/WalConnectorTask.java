package io.tidemark.capture.internal.engine;

import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.connect.source.SourceRecord;

/** Debezium's task, with the replication connection replaced at the seam Debezium leaves for it. */
public final class WalConnectorTask extends PostgresConnectorTask {

    private static final int MOST_EVENTS = 256;

    /** Events that Debezium's queue was given, and those taken from it. */
    private final LongAdder passed = new LongAdder();

    private long polled;

    /**
     * All that is there, as soon as something is. The queue has a batch size of one: with more it waits for
     * {@code poll.interval.ms} until a batch is full.
     */
    @Override
    public List<SourceRecord> doPoll() throws InterruptedException {
        List<SourceRecord> records = new ArrayList<>(super.doPoll());
        while (!records.isEmpty() && records.size() < MOST_EVENTS && polled + records.size() < passed.sum()) {
            records.addAll(super.doPoll());
        }
        polled += records.size();
        return records;
    }

    @Override
    protected ReplicationConnection buildReplicationConnection(
            PostgresConnection jdbcConnection, PostgresSchema schema, PostgresConnectorConfig config) {
        return new WalConnection(
                config.getJdbcConfig().asProperties(), config.slotName(), config.publicationName(), passed);
    }
}
