package io.tidemark.app.run;

import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.GenerationRegistry;
import io.tidemark.projections.ModelGenerations;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that stores give readers what the registry says: a switch that somebody left unfinished is finished, and a store
 * that forgot one, since it was emptied or set back, is switched again. In a thread of its own: a switch may have to wait
 * for readers.
 */
final class ServedStores implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServedStores.class);
    private static final long LOOK_EVERY_MS = 300;
    /** Whoever decided to switch is given this long to do it. */
    private static final long LEFT_ALONE_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** A switch that failed is tried again after this long. */
    private static final long TRY_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** How often stores are asked what they give readers. */
    private static final long ASK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Plan file;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "tidemark-served");
    private final Map<String, Unfinished> unfinished = new HashMap<>();
    private final Map<String, Long> askedAt = new HashMap<>();
    private final Set<String> said = new HashSet<>();
    private List<ReadModel> models = List.of();

    /** A decision that is not carried out, and since when that is known. */
    private record Unfinished(int decision, long sinceNanos) {}

    ServedStores(Plan file) {
        this.file = file;
        thread.setDaemon(true);
    }

    /** Begins to look after these, which are in the registry. */
    void start(List<ReadModel> some) {
        models = List.copyOf(some);
        thread.start();
    }

    private void run() {
        try (GenerationRegistry registry = new GenerationRegistry(file.kafkaClient(), file.topics())) {
            while (!closing.await(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)) {
                look(registry);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(GenerationRegistry registry) throws InterruptedException {
        Map<String, ModelGenerations> all = new HashMap<>();
        orLater("all", () -> {
            all.putAll(registry.read());
            return true;
        });
        for (ReadModel model : models) {
            ModelGenerations now = all.get(model.name());
            if (now != null && closing.getCount() > 0) {
                orLater(model.name(), () -> look(registry, now));
            }
        }
    }

    /** One of many things to do, which keeps the others from nothing; says whether anything was done. */
    private interface Step {
        boolean run() throws InterruptedException;
    }

    private void orLater(String model, Step step) throws InterruptedException {
        try {
            if (step.run()) {
                said.removeIf(each -> each.startsWith(model + " "));
            }
        } catch (RuntimeException e) {
            if (closing.getCount() > 0 && said.add(model + " " + e.getMessage())) {
                LoggedFailure.warn(
                        LOG, "Readers of " + model + " are not given yet what was decided; it is tried again", e);
            }
        }
    }

    /** Whether stores were asked, or switched. */
    private boolean look(GenerationRegistry registry, ModelGenerations now) throws InterruptedException {
        if (now.next() == 0) {
            unfinished.remove(now.model());
            return isDue(now.model(), ASK_EVERY_NANOS) && asked(registry, now);
        }
        if (!isLeft(now) || !isDue(now.model(), TRY_AGAIN_NANOS)) {
            return false;
        }
        LOG.info("{} is not switched to generation {} yet: finishing", now.model(), now.next());
        ModelGenerations unused = Promotion.finish(registry, file.config(), now.model());
        return true;
    }

    private boolean isDue(String model, long everyNanos) {
        long now = System.nanoTime();
        boolean due = now - askedAt.getOrDefault(model, now - everyNanos) >= everyNanos;
        if (due) {
            askedAt.put(model, now);
        }
        return due;
    }

    private boolean asked(GenerationRegistry registry, ModelGenerations now) throws InterruptedException {
        if (Promotion.uphold(registry, file.config(), now)) {
            LOG.warn("A store gave readers of {} another generation than {}: switched", now.model(), now.live());
        }
        return true;
    }

    private boolean isLeft(ModelGenerations now) {
        Unfinished known = unfinished.get(now.model());
        if (known == null || known.decision() != now.decision()) {
            unfinished.put(now.model(), new Unfinished(now.decision(), System.nanoTime()));
            return false;
        }
        return System.nanoTime() - known.sinceNanos() > LEFT_ALONE_NANOS;
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            // One that waits for readers is left to the end of the process.
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
