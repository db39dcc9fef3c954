package io.tidemark.app.run;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.projections.GenerationRegistry;
import io.tidemark.projections.ModelGenerations;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks a store how far the live generation of a model is, whichever that is by then. Not thread-safe. */
public final class LiveReader implements AutoCloseable {

    private static final long LOOK_EVERY_NANOS = Duration.ofMillis(200).toNanos();

    private final Plan file;
    private final ReadModel model;
    private final String store;
    private final GenerationRegistry registry;
    private @Nullable DocumentReader reader;
    private int number;
    private long lookedNanos;

    /** Opens nothing but what follows the generations. */
    public LiveReader(Plan file, ReadModel model, String store) {
        this.file = file;
        this.model = model;
        this.store = store;
        this.registry = new GenerationRegistry(file.kafkaClient(), file.topics());
    }

    /** See {@link DocumentReader#appliedTidemark}. */
    public Optional<TidemarkRef> appliedTidemark() {
        if (reader == null || System.nanoTime() - lookedNanos > LOOK_EVERY_NANOS) {
            int live = registry.read(model.name()).map(ModelGenerations::live).orElse(0);
            lookedNanos = System.nanoTime();
            if (reader == null || live != number) {
                closeReader();
                reader = open();
                number = live;
            }
        }
        DocumentReader open = reader;
        return open == null ? Optional.empty() : open.appliedTidemark();
    }

    private DocumentReader open() {
        Plan plan = GenerationPlans.live(file);
        ReadModel live = plan.model(model.name());
        Target target = plan.targets(live).stream()
                .filter(each -> each.store().equals(store))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "The live generation of " + model.name() + " is not in store '" + store + "'"));
        return StoreAccess.ofCaptured(plan).reader(live, target);
    }

    private void closeReader() {
        DocumentReader open = reader;
        reader = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        try (registry) {
            closeReader();
        }
    }
}
