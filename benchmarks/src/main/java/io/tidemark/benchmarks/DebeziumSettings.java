package io.tidemark.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.postgresql.Driver;

/** Debezium's stock connector as a user who wants throughput sets it: large batches, and little waiting for them. */
final class DebeziumSettings {

    private DebeziumSettings() {}

    /**
     * The connector's properties.
     *
     * @param snapshotMode {@code no_data} to read the slot only, {@code initial_only} for the snapshot alone
     */
    static Map<String, String> connector(Lane lane, String snapshotMode) {
        Properties url = Driver.parseURL(lane.jdbcUrl(), null);
        if (url == null) {
            throw new IllegalArgumentException("Not a PostgreSQL URL: " + lane.jdbcUrl());
        }
        Map<String, String> connector = new LinkedHashMap<>();
        connector.put("name", lane.name());
        connector.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        connector.put("tasks.max", "1");
        connector.put("topic.prefix", lane.name());
        connector.put("database.hostname", url.getProperty("PGHOST"));
        connector.put("database.port", url.getProperty("PGPORT"));
        connector.put("database.dbname", url.getProperty("PGDBNAME"));
        connector.put("database.user", lane.user());
        connector.put("database.password", lane.password());
        connector.put("plugin.name", "pgoutput");
        connector.put("slot.name", lane.name());
        connector.put("publication.name", Lane.PUBLICATION);
        connector.put("publication.autocreate.mode", "disabled");
        connector.put("table.include.list", Lane.TABLE.toString());
        // The pulse of the Tidemark that ran before is in the same WAL; its topic is not there, and Connect would wait.
        connector.put("message.prefix.exclude.list", ".*");
        connector.put("snapshot.mode", snapshotMode);
        connector.put("poll.interval.ms", "5");
        connector.put("max.batch.size", "4096");
        connector.put("max.queue.size", "16384");
        connector.put("xmin.fetch.interval.ms", "0");
        return connector;
    }
}
