package io.tidemark.app.run;

import io.tidemark.app.config.StoreConfig;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.projections.GenerationRegistry;
import io.tidemark.projections.ModelGenerations;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

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
            awaitKnown(now);
            serve(config, now);
            done = registry.change(
                    model, current -> current.filter(each -> each.decision() == wanted && each.next() != 0)
                            .map(ModelGenerations::promoted)
                            .orElseGet(current::orElseThrow));
        } while (done.decision() != decision);
        return done;
    }

    /** Whoever is asked whether readers have something asks of both generations by the time they may be given either. */
    private static void awaitKnown(ModelGenerations now) throws InterruptedException {
        long until = System.nanoTime() + LiveReader.LOOK_EVERY.multipliedBy(2).toNanos();
        while (now.next() != 0 && System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /**
     * Sees to it that stores still give readers what is live, each whatever becomes of the others.
     *
     * @return whether one had to be switched
     */
    static boolean uphold(GenerationRegistry registry, TidemarkConfig config, ModelGenerations now)
            throws InterruptedException {
        boolean switched = false;
        ProblemList problems = new ProblemList();
        for (String store : inOrder(config, now, now.liveBuild())) {
            try (ServedGeneration generation = StoredBuild.in(config, now, now.liveBuild(), store)) {
                if (!generation.isServed()) {
                    generation.serve(now.decision());
                    switched = true;
                    requireServed(generation, now, store);
                }
            } catch (TidemarkException e) {
                problems.add(e);
            }
        }
        if (switched) {
            // Somebody may have decided otherwise meanwhile.
            ModelGenerations unused = finish(registry, config, now.model());
        }
        problems.throwIfAny();
        return switched;
    }

    private static void requireServed(ServedGeneration generation, ModelGenerations now, String store) {
        if (!generation.isServed()) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    "Store '" + store + "' gives readers of " + now.model() + " another generation than " + now.live()
                            + ", and remembers a later decision than number " + now.decision()
                            + ": 'tidemark plan " + now.model() + "' says what was decided");
        }
    }

    /**
     * Has stores give readers what the registry says, also where somebody late has undone it. Nothing else is switched while
     * readers of SQL are in the way; unless it is taken back, which every store is to do that can.
     */
    private static void serve(TidemarkConfig config, ModelGenerations now) throws InterruptedException {
        int number = now.next() == 0 ? now.live() : now.next();
        ModelGenerations.Build build = now.build(number).orElseThrow();
        ProblemList problems = new ProblemList();
        for (String store : inOrder(config, now, build)) {
            try (ServedGeneration generation = StoredBuild.in(config, now, build, store)) {
                generation.serve(now.decision());
            } catch (TidemarkException e) {
                problems.add(e);
                if (isSql(config, store) && number != now.live()) {
                    break;
                }
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        problems.throwIfAny();
    }

    private static boolean isSql(TidemarkConfig config, String store) {
        return config.store(store) instanceof StoreConfig.Sql;
    }

    /** Those first that may have to wait for readers: as long as they do, nothing is switched. */
    static List<String> inOrder(TidemarkConfig config, ModelGenerations now, ModelGenerations.Build build) {
        return build.targets().keySet().stream()
                .map(store -> requireKnown(config, now, build, store))
                .sorted(Comparator.<String>comparingInt(store -> isSql(config, store) ? 0 : 1)
                        .thenComparing(store -> store))
                .toList();
    }

    /** Whoever does not know a store cannot say that all are switched. */
    private static String requireKnown(
            TidemarkConfig config, ModelGenerations now, ModelGenerations.Build build, String store) {
        if (!config.stores().containsKey(store)) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    now.model() + "@" + build.number() + " is also in store '" + store + "', which " + config.file()
                            + " does not name: its readers cannot be given it by this file");
        }
        return store;
    }
}
