package io.tidemark.capture;

import io.tidemark.model.ColumnRules;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import org.postgresql.Driver;

/**
 * What capture needs to know.
 *
 * @param source the database captured
 * @param tables tables to capture, each with a primary key
 * @param columns whose values may not reach a topic as they are
 * @param slot name of the replication slot, {@code [a-z_][a-z0-9_]{0,62}}
 * @param publication name of the publication, of the same form
 * @param kafkaClient properties of every Kafka client, {@code bootstrap.servers} among them
 * @param partitions of each change topic
 * @param history how long the topics keep every version
 * @param snapshotThreads how many read tables at once, each on a connection of its own
 * @param budget of WAL the slot may hold back
 */
public record CaptureSettings(
        Source source,
        List<TableId> tables,
        ColumnRules columns,
        String slot,
        String publication,
        Map<String, String> kafkaClient,
        Topics topics,
        int partitions,
        Duration history,
        int snapshotThreads,
        SlotBudget budget) {

    /** As many as read tables at once when nothing else is said. */
    public static final int SNAPSHOT_THREADS = 2;

    /** How long an idle source's tidemark may stay where it is. */
    public static final Duration IDLE_INTERVAL = Duration.ofMillis(500);

    private static final String NAME = "[a-z_][a-z0-9_]{0,62}";

    /**
     * A PostgreSQL database and the role to read it with.
     *
     * @param jdbcUrl {@code jdbc:postgresql://host:port/database}, with the driver's parameters if any
     */
    public record Source(String jdbcUrl, String user, Secret password) {

        /** Name of the database. */
        public String database() {
            Properties url = Driver.parseURL(jdbcUrl, null);
            return url == null ? "" : url.getProperty("PGDBNAME", "");
        }

        /** Where the database is, without the URL's parameters, which may hold passwords. */
        public String address() {
            return jdbcUrl.replaceAll("\\?.*", "");
        }

        @Override
        public String toString() {
            return "Source[" + address() + ", user=" + user + "]";
        }
    }

    /** Settings that leave every column as it is, with the default budget. */
    public CaptureSettings(
            Source source,
            List<TableId> tables,
            String slot,
            String publication,
            Map<String, String> kafkaClient,
            Topics topics,
            int partitions,
            Duration history) {
        this(
                source,
                tables,
                ColumnRules.NONE,
                slot,
                publication,
                kafkaClient,
                topics,
                partitions,
                history,
                SNAPSHOT_THREADS,
                SlotBudget.DEFAULT);
    }

    public CaptureSettings {
        tables = List.copyOf(tables);
        kafkaClient = Map.copyOf(kafkaClient);
        if (!slot.matches(NAME) || !publication.matches(NAME)) {
            throw new IllegalArgumentException(
                    "Slot '" + slot + "' and publication '" + publication + "' must match " + NAME);
        }
    }

    /** Leaves out the values of Kafka's properties: some are passwords. */
    @Override
    public String toString() {
        return "CaptureSettings[" + source + ", tables=" + tables + ", slot=" + slot + ", publication=" + publication
                + ", kafkaClient=" + new TreeSet<>(kafkaClient.keySet()) + ", " + topics + ", partitions=" + partitions
                + ", history=" + history + ", " + budget + "]";
    }
}
