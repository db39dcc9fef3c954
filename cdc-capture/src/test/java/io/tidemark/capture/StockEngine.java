package io.tidemark.capture;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.awaitility.Awaitility;
import org.postgresql.Driver;

/**
 * Debezium as it comes, with its offsets in a file: the control that shows a scenario to lose rows where Tidemark's
 * engine must not. What its consumer has marked as processed counts as durable.
 */
final class StockEngine {

    private static final AtomicLong ENGINES = new AtomicLong();

    private final CaptureSettings settings;
    private final Path offsets;
    private final Set<Long> durable = new ConcurrentSkipListSet<>();

    /**
     * Prepares it; each {@link #run} goes on from the offsets of the one before.
     *
     * @param directory for its offsets
     */
    StockEngine(CaptureSettings settings, Path directory) {
        this.settings = settings;
        this.offsets = directory.resolve("offsets");
    }

    /** Ids of the rows whose events were marked as processed, over all runs. */
    Set<Long> durable() {
        return new TreeSet<>(durable);
    }

    /** Its slot. */
    String slot() {
        return settings.slot() + "_stock";
    }

    /** One life: runs in the background until it is told to stop or its consumer dies. */
    Life run(Predicate<Long> diesAfter) {
        return new Life(diesAfter);
    }

    final class Life implements AutoCloseable {

        private final Predicate<Long> diesAfter;
        private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
        private final Thread thread;

        private Life(Predicate<Long> diesAfter) {
            this.diesAfter = diesAfter;
            this.engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                    .using(properties())
                    .notifying(this::handle)
                    .build();
            this.thread = new Thread(engine, "stock-engine");
            thread.start();
        }

        private void handle(
                List<RecordChangeEvent<SourceRecord>> events,
                RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
                throws InterruptedException {
            for (RecordChangeEvent<SourceRecord> event : events) {
                committer.markProcessed(event);
                long id = id(event.record());
                if (id >= 0) {
                    durable.add(id);
                }
                if (diesAfter.test(id)) {
                    committer.markBatchFinished();
                    throw new IllegalStateException("The consumer dies after row " + id);
                }
            }
            committer.markBatchFinished();
        }

        /** Waits until a row's event was processed. */
        void await(long id) {
            Awaitility.await("row " + id).until(() -> durable.contains(id));
        }

        /** Waits for its end after its consumer died. */
        void awaitDeath() throws InterruptedException {
            thread.join();
        }

        /** Stops it as its users do. */
        void stop() throws IOException {
            if (thread.isAlive()) {
                engine.close();
            }
            Awaitility.await("the end of the engine").until(() -> !thread.isAlive());
        }

        @Override
        public void close() throws IOException {
            stop();
        }
    }

    /** The row's id; -1 for an event of no row, such as the begin and end of a transaction. */
    private static long id(SourceRecord record) {
        Struct value = (Struct) record.value();
        boolean row = value.schema().field("after") != null && value.getStruct("after") != null;
        return row ? value.getStruct("after").getInt64("id") : -1;
    }

    private Properties properties() {
        Properties url = Driver.parseURL(settings.source().jdbcUrl(), null);
        Properties properties = new Properties();
        properties.setProperty("name", slot());
        properties.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        properties.setProperty("topic.prefix", slot());
        properties.setProperty("database.hostname", url.getProperty("PGHOST"));
        properties.setProperty("database.port", url.getProperty("PGPORT"));
        properties.setProperty("database.dbname", url.getProperty("PGDBNAME"));
        properties.setProperty("database.user", settings.source().user());
        properties.setProperty("database.password", settings.source().password().reveal());
        properties.setProperty("plugin.name", "pgoutput");
        properties.setProperty("slot.name", slot());
        properties.setProperty("publication.name", settings.publication());
        properties.setProperty("snapshot.mode", "no_data");
        properties.setProperty("table.include.list", "public.items");
        properties.setProperty("offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore");
        properties.setProperty("offset.storage.file.filename", offsets.toString());
        properties.setProperty("offset.flush.interval.ms", "0");
        properties.setProperty("errors.max.retries", "0");
        properties.setProperty("poll.interval.ms", "20");
        properties.setProperty("provide.transaction.metadata", "true");
        properties.setProperty("custom.metric.tags", "engine=" + ENGINES.incrementAndGet());
        return properties;
    }
}
