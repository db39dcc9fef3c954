package io.tidemark.projections;

import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.store.TransactionalWriter;
import io.tidemark.projections.internal.writing.ConsumerConfigs;
import io.tidemark.projections.internal.writing.KeptVersions;
import io.tidemark.projections.internal.writing.MirrorDelivery;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Runs one mirror into one store. */
public final class MirrorProjection implements AutoCloseable {

    private final MirrorDelivery delivery;

    /**
     * Prepares it.
     *
     * @param store its name, which also names the consumer group
     * @param stored reads the applied tidemark the store holds; NONE for a new generation
     */
    public MirrorProjection(
            MirrorModel model,
            String store,
            ProjectionSettings settings,
            TransactionalWriter writer,
            Supplier<TidemarkRef> stored,
            AppliedTidemarks applied,
            TidemarkFollower tidemarks) {
        String group = settings.topics().prefix() + "." + model.name() + "." + store;
        this.delivery = new MirrorDelivery(
                model.name() + " -> " + store,
                model.tables(),
                settings.topics(),
                settings.partitions(),
                ConsumerConfigs.inGroup(settings.kafkaClient(), group),
                writer,
                stored,
                applied,
                tidemarks,
                model.history() ? new KeptVersions(settings.kafkaClient(), model.tables(), settings.topics()) : null);
    }

    /** Starts mirroring; a failure leaves nothing running. */
    public void start() {
        delivery.start();
    }

    /** Records read from the change topics since the start; from any thread. */
    public long recordsRead() {
        return delivery.recordsRead();
    }

    /** Completes exceptionally when the mirror fails, normally when it is closed. */
    public CompletableFuture<Void> ended() {
        return delivery.ended();
    }

    @Override
    public void close() {
        delivery.close();
    }
}
