package io.tidemark.benchmarks;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.capture.SourceConnections;
import io.tidemark.capture.internal.ChangeEncoder;
import io.tidemark.capture.internal.RelationTracker;
import io.tidemark.capture.internal.engine.WalEngine;
import io.tidemark.capture.internal.engine.WalEntry;
import io.tidemark.capture.internal.engine.WalHandler;
import io.tidemark.capture.internal.kafka.ChangeSink;
import io.tidemark.capture.internal.snapshot.Backfill;
import io.tidemark.capture.internal.snapshot.SnapshotMeter;
import io.tidemark.capture.internal.wal.PgOutput;
import io.tidemark.capture.internal.wal.TypeCatalog;
import io.tidemark.capture.internal.wal.WalMessage;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.Version;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Capture's own engine, decoder and encoder; the bytes Kafka would get are counted and dropped. */
final class TidemarkToNothing extends ToNothing {

    TidemarkToNothing(Testbed testbed) {
        super(testbed);
    }

    @Override
    public String name() {
        return "tidemark";
    }

    public static void main(String[] arguments) throws Exception {
        Lane lane = Lane.of(arguments);
        CaptureSettings settings = lane.captureSettings();
        Tally tally = new Tally(lane.rows());
        WalEngine engine;
        try (Connection connection = SourceConnections.open(settings.source())) {
            RelationTracker relations = new RelationTracker(
                    settings.source(),
                    SourceCatalog.read(connection, Lane.TABLE::equals),
                    TypeCatalog.read(connection));
            Backfill idle = new Backfill(settings, new SnapshotMeter(SnapshotProgress.NONE), () -> {});
            ChangeEncoder encoder =
                    new ChangeEncoder(settings, new Nothing(tally), relations, Map::of, idle, change -> {});
            engine = new WalEngine(settings, new Handler(encoder, tally));
        }
        Thread reading = new Thread(engine::run, "engine");
        reading.setDaemon(true);
        reading.start();
        tally.report();
        engine.close();
    }

    /** What capture's session does with a message, but for Kafka transactions and tidemarks. */
    private static final class Handler implements WalHandler {

        private final ChangeEncoder encoder;
        private final Tally tally;
        private WalMessage.Begin current = new WalMessage.Begin(Lsn.ZERO, Instant.EPOCH, 0);
        private long position;
        private int order;

        private Handler(ChangeEncoder encoder, Tally tally) {
            this.encoder = encoder;
            this.tally = tally;
        }

        @Override
        public OptionalInt handle(List<WalEntry> batch, BooleanSupplier more) {
            OptionalInt durable = OptionalInt.empty();
            for (int i = 0; i < batch.size(); i++) {
                if (apply(batch.get(i)) instanceof WalMessage.Commit) {
                    durable = OptionalInt.of(i);
                }
            }
            tally.look();
            return durable;
        }

        private WalMessage apply(WalEntry entry) {
            WalMessage message = PgOutput.decode(entry.message().duplicate());
            if (message instanceof WalMessage.Begin begin) {
                current = begin;
                position++;
                order = 0;
                encoder.begin(begin.finalLsn(), 0);
            } else if (message instanceof WalMessage.RelationMessage relation) {
                encoder.describe(relation);
            } else if (!(message instanceof WalMessage.Commit)) {
                order += encoder.write(message, current, entry.lsn(), position, order);
            }
            return message;
        }
    }

    private record Nothing(Tally tally) implements ChangeSink {

        @Override
        public void send(TableId table, RowKey key, Version version, byte @Nullable [] envelope) {
            if (key.encode().length > 0 && version.encode().length > 0 && envelope != null) {
                tally.add(envelope);
            }
        }

        @Override
        public void sendMessage(byte[] key, Version version, byte[] envelope) {
            throw new IllegalStateException("The backlog has no messages");
        }

        @Override
        public void sendTruncate(TableId table, int partition, Version version, byte[] envelope) {
            throw new IllegalStateException("The backlog has no truncates");
        }

        @Override
        public void sendRelation(Relation relation) {
            // Once, before the first row.
        }
    }
}
