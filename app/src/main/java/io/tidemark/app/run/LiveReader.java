package io.tidemark.app.run;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.projections.GenerationRegistry;
import io.tidemark.projections.ModelGenerations;
import io.tidemark.projections.ModelGenerations.Build;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Asks a store how far what its readers are given is, whichever generation that is by then. While stores are being switched
 * readers may be given either, so the older of both tidemarks counts. Not thread-safe.
 */
public final class LiveReader implements AutoCloseable {

    /** How old what is known of the generations may be; whoever switches stores waits longer than that first. */
    static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private final Plan file;
    private final ReadModel model;
    private final String store;
    private final GenerationRegistry registry;
    /** Of the generations that readers of the store may be given, by number. */
    private final Map<Integer, DocumentReader> readers = new LinkedHashMap<>();

    private Optional<ModelGenerations> known = Optional.empty();
    private boolean opened;
    private long lookedNanos;

    /** Opens nothing but what follows the generations. */
    public LiveReader(Plan file, ReadModel model, String store) {
        this.file = file;
        this.model = model;
        this.store = store;
        this.registry = new GenerationRegistry(file.kafkaClient(), file.topics());
    }

    /** See {@link DocumentReader#appliedTidemark}; empty also when no generation that readers have is in the store. */
    public Optional<TidemarkRef> appliedTidemark() {
        if (!opened || System.nanoTime() - lookedNanos > LOOK_EVERY.toNanos()) {
            look();
        }
        List<Optional<TidemarkRef>> applied =
                readers.values().stream().map(DocumentReader::appliedTidemark).toList();
        return applied.stream().allMatch(Optional::isPresent)
                ? applied.stream().flatMap(Optional::stream).min(TidemarkRef::compareTo)
                : Optional.empty();
    }

    private void look() {
        long now = System.nanoTime();
        Optional<ModelGenerations> found = registry.read(model.name());
        if (!opened || !found.equals(known)) {
            opened = false;
            closeReaders();
            open(found);
            known = found;
            opened = true;
        }
        lookedNanos = now;
    }

    private void open(Optional<ModelGenerations> generations) {
        if (generations.isEmpty()) {
            readers.put(0, reader(file));
            return;
        }
        ModelGenerations now = generations.get();
        possible(now)
                .filter(build -> build.targets().containsKey(store))
                .forEach(build -> readers.put(build.number(), reader(new GenerationPlans(file).of(now, build))));
    }

    /** What readers may be given: while a promotion is taken back, that is what was not live yet where it was there already. */
    private Stream<Build> possible(ModelGenerations now) {
        boolean takenBack = now.next() == now.live();
        if (takenBack && !isServed(now)) {
            return now.builds().stream().filter(Build::runs);
        }
        return IntStream.of(now.live(), now.next())
                .distinct()
                .mapToObj(now::build)
                .flatMap(Optional::stream);
    }

    private boolean isServed(ModelGenerations now) {
        if (!now.liveBuild().targets().containsKey(store)) {
            return false;
        }
        try (ServedGeneration live = StoredBuild.in(file.config(), now, now.liveBuild(), store)) {
            return live.isServed();
        }
    }

    private DocumentReader reader(Plan plan) {
        ReadModel planned = plan.model(model.name());
        Target target = plan.targets(planned).stream()
                .filter(each -> each.store().equals(store))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(model.name() + " is not in store '" + store + "'"));
        return StoreAccess.ofCaptured(plan).reader(planned, target);
    }

    private void closeReaders() {
        readers.values().forEach(DocumentReader::close);
        readers.clear();
    }

    @Override
    public void close() {
        try (registry) {
            closeReaders();
        }
    }
}
