package io.tidemark.app.run;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.StoreConfig;
import io.tidemark.model.definition.ReadModel;
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
    static ModelGenerations finish(GenerationRegistry registry, GenerationPlans plans, String lineage, String model)
            throws InterruptedException {
        ModelGenerations done = registry.read(model).orElseThrow();
        int decision;
        do {
            ModelGenerations now = done;
            decision = now.decision();
            int wanted = decision;
            serve(plans, lineage, now);
            done = registry.change(
                    model, current -> current.filter(each -> each.decision() == wanted && each.next() != 0)
                            .map(ModelGenerations::promoted)
                            .orElseGet(current::orElseThrow));
        } while (done.decision() != decision);
        return done;
    }

    /** Sees to it that stores give readers what the registry says, also where somebody late has undone it. */
    static void serve(GenerationPlans plans, String lineage, ModelGenerations now) throws InterruptedException {
        int number = now.next() == 0 ? now.live() : now.next();
        Plan plan = plans.of(now, now.build(number).orElseThrow());
        StoreAccess stores = new StoreAccess(plan, lineage);
        ReadModel served = plan.models().get(0);
        for (Target target : inOrder(plan, served)) {
            try (ServedGeneration generation = stores.served(served, target)) {
                generation.serve(now.decision());
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /** Those first that may have to wait for readers: as long as they do, nothing is switched. */
    private static List<Target> inOrder(Plan plan, ReadModel model) {
        return plan.targets(model).stream()
                .sorted(Comparator.comparing(
                        target -> plan.config().store(target.store()) instanceof StoreConfig.Sql ? 0 : 1))
                .toList();
    }
}
