package io.tidemark.capture.internal.engine;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.SourceErrors;
import io.tidemark.capture.internal.SystemIdentity;
import io.tidemark.capture.internal.wal.PgOutput;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of the embedded Debezium engine: from the slot's confirmed LSN until it is closed or loses its connection.
 * Offsets are kept in memory only and die with it (FIELD-NOTES 3.1 found stored ones to lose rows).
 */
public final class WalEngine {

    private static final Logger LOG = LoggerFactory.getLogger(WalEngine.class);

    private static final AtomicLong ENGINES = new AtomicLong();

    private final CaptureSettings settings;
    private final WalHandler handler;
    private final String number = Long.toString(ENGINES.incrementAndGet());
    private final WalQueue queue = WalQueue.of(number);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;

    public WalEngine(CaptureSettings settings, WalHandler handler) {
        this.settings = settings;
        this.handler = handler;
        this.engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(properties(settings, number))
                .using((success, message, error) -> {
                    if (!success) {
                        failure.compareAndSet(null, error == null ? new IllegalStateException(message) : error);
                    }
                })
                .notifying(this::handleBatch)
                .build();
    }

    /**
     * Runs until closed or broken.
     *
     * @throws TidemarkException what stopped it; UNREACHABLE when a new engine may succeed where this one could not
     */
    public void run() {
        try {
            engine.run();
        } catch (IllegalStateException e) {
            // Debezium's, of an engine that fails while it is stopped by who has noticed the same. Why is known then.
            failure.compareAndSet(null, e);
        } finally {
            WalQueue.forget(number);
        }
        Throwable error = failure.get();
        if (error != null) {
            throw explain(error);
        }
    }

    /** Stops the engine, so that {@link #run} returns; may be called again when it was only just starting. */
    public void close() {
        try {
            engine.close();
        } catch (IllegalStateException e) {
            LOG.debug("The engine does not run, or not yet, or stops already", e);
        } catch (IOException e) {
            failure.compareAndSet(null, e);
        }
    }

    /** Stops the engine, so that {@link #run} says why. */
    public void stop(Throwable why) {
        failure.compareAndSet(null, why);
        close();
    }

    /** The server that is being read; of a handler that was given something. */
    public SystemIdentity source() {
        return queue.source();
    }

    /** Events, each of many WAL messages, that were received and are not handled yet. */
    public long queued() {
        return queue.waiting();
    }

    private void handleBatch(
            List<RecordChangeEvent<SourceRecord>> events, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        List<WalEntry> batch = new ArrayList<>();
        int[] ends = new int[events.size()];
        for (int i = 0; i < ends.length; i++) {
            batch.addAll(entries(events.get(i).record()));
            ends[i] = batch.size() - 1;
        }
        OptionalInt durable;
        try {
            durable = handler.handle(batch, queue::hasMore);
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
            throw e;
        }
        OptionalInt event = lastDurable(ends, batch, durable.orElse(-1));
        if (event.isPresent()) {
            committer.markProcessed(events.get(event.getAsInt()));
            committer.markBatchFinished();
        }
    }

    /** The last event that is durable whole and ends with a whole transaction. */
    private static OptionalInt lastDurable(int[] ends, List<WalEntry> batch, int durable) {
        for (int i = ends.length - 1; i >= 0; i--) {
            if (ends[i] >= 0
                    && ends[i] <= durable
                    && PgOutput.isBoundary(batch.get(ends[i]).message())) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    private static List<WalEntry> entries(SourceRecord record) {
        Struct message = ((Struct) record.value()).getStruct("message");
        return WalPack.entries(Long.parseLong(message.getString("prefix")), message.getBytes("content"));
    }

    private TidemarkException explain(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof TidemarkException known) {
                return known;
            }
            if (cause instanceof SQLException sql) {
                return SourceErrors.explain(settings.source(), sql);
            }
        }
        return new TidemarkException(ErrorCode.FAILED, "The capture engine stopped: " + error.getMessage(), error);
    }

    private static Properties properties(CaptureSettings settings, String number) {
        Properties url = Driver.parseURL(settings.source().jdbcUrl(), null);
        if (url == null) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "source.url is not a PostgreSQL JDBC URL: "
                            + settings.source().address());
        }
        Properties properties = new Properties();
        properties.setProperty("name", settings.slot());
        properties.setProperty("connector.class", WalConnector.class.getName());
        properties.setProperty("topic.prefix", settings.topics().prefix());
        properties.setProperty("database.hostname", url.getProperty("PGHOST"));
        properties.setProperty("database.port", url.getProperty("PGPORT"));
        properties.setProperty("database.dbname", url.getProperty("PGDBNAME"));
        properties.setProperty("database.user", settings.source().user());
        properties.setProperty("database.password", settings.source().password().reveal());
        url.stringPropertyNames().stream()
                .filter(name -> !name.startsWith("PG"))
                .forEach(name -> properties.setProperty("driver." + name, url.getProperty(name)));
        properties.setProperty("plugin.name", "pgoutput");
        properties.setProperty("slot.name", settings.slot());
        properties.setProperty("publication.name", settings.publication());
        properties.setProperty("publication.autocreate.mode", "disabled");
        properties.setProperty("snapshot.mode", "no_data");
        properties.setProperty("table.include.list", "tidemark_reads_no_table_through_debezium\\.none");
        properties.setProperty("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
        properties.setProperty("offset.flush.interval.ms", "0");
        properties.setProperty("lsn.flush.mode", "connector");
        properties.setProperty("errors.max.retries", "0");
        properties.setProperty("poll.interval.ms", "100");
        properties.setProperty("max.batch.size", "1");
        properties.setProperty("max.queue.size", "2048");
        properties.setProperty("max.queue.size.in.bytes", Integer.toString(64 * 1024 * 1024));
        properties.setProperty("xmin.fetch.interval.ms", "0");
        properties.setProperty("provide.transaction.metadata", "false");
        // Debezium waits two minutes for the name of an engine before this one, or beside it, to be free.
        properties.setProperty("custom.metric.tags", "engine=" + number);
        properties.setProperty(WalQueue.PROPERTY, number);
        return properties;
    }
}
