package io.tidemark.app.run;

import io.tidemark.app.config.StoreConfig;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.projections.GenerationRegistry;
import io.tidemark.projections.ModelGenerations;
import java.util.Comparator;
import java.util.List;

/** Does in the stores what the registry has decided. */
final class Promotion {

    private Promotion() {}

    /**
     * Switches every store of a model to the generation decided on, and says so in the registry. Whoever else does the same
     * meanwhile does no harm; whoever decides otherwise meanwhile is followed.
     */
    static ModelGenerations finish(GenerationRegistry registry, TidemarkConfig config, String model)
            throws InterruptedException {
        ModelGenerations done = registry.read(model).orElseThrow();
        int decision;
        do {
            ModelGenerations now = done;
            decision = now.decision();
            int wanted = decision;
            serve(config, now);
            done = registry.change(
                    model, current -> current.filter(each -> each.decision() == wanted && each.next() != 0)
                            .map(ModelGenerations::promoted)
                            .orElseGet(current::orElseThrow));
        } while (done.decision() != decision);
        return done;
    }

    /** Sees to it that stores give readers what the registry says, also where somebody late has undone it. */
    static void serve(TidemarkConfig config, ModelGenerations now) throws InterruptedException {
        int number = now.next() == 0 ? now.live() : now.next();
        ModelGenerations.Build build = now.build(number).orElseThrow();
        for (String store : inOrder(config, build)) {
            try (ServedGeneration generation = StoredBuild.in(config, now.model(), build, store)) {
                generation.serve(now.decision());
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /** Those first that may have to wait for readers: as long as they do, nothing is switched. */
    private static List<String> inOrder(TidemarkConfig config, ModelGenerations.Build build) {
        return build.targets().keySet().stream()
                .filter(config.stores()::containsKey)
                .sorted(Comparator.<String>comparingInt(store -> config.store(store) instanceof StoreConfig.Sql ? 0 : 1)
                        .thenComparing(store -> store))
                .toList();
    }
}
