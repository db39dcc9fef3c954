package io.tidemark.app.run;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.capture.CapturedState;
import io.tidemark.capture.SourceConnections;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.Freshness;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.projections.GenerationRegistry;
import io.tidemark.projections.ModelGenerations;
import io.tidemark.projections.ModelGenerations.State;
import io.tidemark.projections.TidemarkFollower;
import io.tidemark.reconciliation.Progress;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Report;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Generations as people handle them: begun beside the live one, compared, given to readers, taken back, dropped. Processes
 * that run the read models follow what is written to the registry; everything here can be interrupted and done again.
 */
public final class Rebuilds implements AutoCloseable {

    private static final long LOOK_EVERY_MS = 200;

    private final Plan file;
    private final GenerationPlans plans;
    private final GenerationRegistry registry;
    private final String lineage;

    /**
     * Looks at what was captured.
     *
     * @throws TidemarkException CONFIGURATION when nothing was; UNREACHABLE when Kafka does not answer
     */
    public Rebuilds(Plan file) {
        this.file = file;
        this.plans = new GenerationPlans(file);
        this.lineage = CapturedState.read(file.kafkaClient(), file.topics())
                .map(CapturedState::lineage)
                .orElseThrow(() -> new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        "Nothing was captured under prefix '" + file.topics().prefix()
                                + "' yet; start 'tidemark run' first"));
        this.registry = new GenerationRegistry(file.kafkaClient(), file.topics());
    }

    /** The generations of a model; empty when it never ran. */
    public Optional<ModelGenerations> generations(String model) {
        return registry.read(model);
    }

    /**
     * Begins a generation by the file's definition, or goes on with one that was begun by it and is not live yet.
     *
     * @return its number
     */
    public int begin(String name) throws InterruptedException {
        ReadModel model = file.model(name);
        finishSwitch(name);
        ModelGenerations now = registry.change(name, current -> begun(model, require(name, current)));
        return now.filling().orElseThrow().number();
    }

    private ModelGenerations begun(ReadModel model, ModelGenerations now) {
        Optional<ModelGenerations.Build> same =
                now.filling().filter(build -> Change.between(build, file, model) == Change.NONE);
        if (same.isPresent()) {
            return now.withProblem(same.get().number(), "");
        }
        int number = now.highest() + 1;
        boolean shared =
                model instanceof DocumentModel && Change.between(now.liveBuild(), file, model) == Change.PLACES;
        return now.beginning(
                plans.toNote(model, number, shared ? now.liveBuild().assembly() : number));
    }

    private static ModelGenerations require(String model, Optional<ModelGenerations> current) {
        return current.orElseThrow(() -> new TidemarkException(
                ErrorCode.CONFIGURATION,
                "Read model '" + model + "' was never built: 'tidemark run' or 'tidemark project' does that first"));
    }

    /** What somebody began to switch is switched first. */
    private void finishSwitch(String model) throws InterruptedException {
        if (registry.read(model).filter(now -> now.next() != 0).isPresent()) {
            ModelGenerations unused = Promotion.finish(registry, file.config(), model);
        }
    }

    /**
     * Waits until a generation has all that is committed in the source now, in each of its stores.
     *
     * @param says told how far it is
     * @return false when the time is over first
     * @throws TidemarkException FAILED when a process that fills it has given it up
     */
    public boolean awaitCaughtUp(String name, int number, Duration timeout, Consumer<String> says)
            throws InterruptedException {
        Lsn token = now();
        long deadline = System.nanoTime() + timeout.toNanos();
        Plan plan = planOf(name, number);
        ReadModel model = plan.models().get(0);
        StoreAccess stores = new StoreAccess(plan, lineage);
        for (Target target : plan.targets(model)) {
            try (DocumentReader reader = stores.reader(model, target)) {
                while (!isFresh(reader, token, name + "@" + number + " in " + target.store(), says)) {
                    requireNoProblem(name, number);
                    if (System.nanoTime() > deadline) {
                        return false;
                    }
                    pause();
                }
            }
        }
        return true;
    }

    private static boolean isFresh(DocumentReader reader, Lsn token, String where, Consumer<String> says) {
        Optional<TidemarkRef> applied = reader.appliedTidemark();
        if (Freshness.of(token, applied) instanceof Freshness.Fresh) {
            return true;
        }
        says.accept(where + ": "
                + applied.map(at -> "tidemark " + at + ", "
                                + Math.max(0L, token.value() - at.lsn().value()) + " bytes behind")
                        .orElse("filling; 'tidemark run' or 'tidemark project' does that"));
        return false;
    }

    private static void pause() throws InterruptedException {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MS));
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    private void requireNoProblem(String name, int number) {
        registry.read(name)
                .flatMap(now -> now.build(number))
                .filter(build -> !build.problem().isEmpty())
                .ifPresent(build -> {
                    throw new TidemarkException(
                            ErrorCode.FAILED, name + "@" + number + " is not filled any further: " + build.problem());
                });
    }

    private Lsn now() {
        try (Connection connection = SourceConnections.open(file.captureSource())) {
            return Tidemark.token(connection);
        } catch (SQLException e) {
            throw SourceConnections.explain(file.captureSource(), e);
        }
    }

    private Plan planOf(String name, int number) {
        ModelGenerations now = require(name, registry.read(name));
        ModelGenerations.Build build = now.build(number)
                .filter(ModelGenerations.Build::runs)
                .orElseThrow(() -> new TidemarkException(
                        ErrorCode.CONFIGURATION, "There is no generation " + number + " of " + name + " any more"));
        return plans.of(now, build);
    }

    /** Compares one generation with the source, in each of its stores that can be compared. */
    public List<Report> reconcile(String name, int number, Duration timeout, Progress progress) {
        Plan plan = planOf(name, number);
        try (TidemarkFollower tidemarks = new TidemarkFollower(plan.kafkaClient(), plan.topics())) {
            tidemarks.start();
            return new Reconciliations(
                            plan,
                            new StoreAccess(plan, lineage),
                            tidemarks,
                            ReconcileLimits.defaults().withTimeout(timeout))
                    .run(plan.models(), progress);
        }
    }

    /**
     * The generation that {@code promote} is about.
     *
     * @throws TidemarkException CONFIGURATION when none was begun
     */
    public int filling(String name) throws InterruptedException {
        finishSwitch(name);
        return require(name, registry.read(name))
                .filling()
                .orElseThrow(() -> new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        "No generation of " + name + " is waiting to be promoted; 'tidemark rebuild " + name
                                + "' begins one"))
                .number();
    }

    /**
     * The generation that {@code rollback} is about: the newest that was live before.
     *
     * @throws TidemarkException CONFIGURATION when none is kept
     */
    public int before(String name) throws InterruptedException {
        finishSwitch(name);
        return require(name, registry.read(name))
                .old()
                .orElseThrow(() -> new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        "No generation of " + name + " that was live before is kept: there is nothing to go back to"))
                .number();
    }

    /** Gives readers a generation, in every store, and waits until that is done. */
    public void serve(String name, int number) throws InterruptedException {
        ModelGenerations decided = registry.change(name, current -> decided(name, number, require(name, current)));
        ModelGenerations done = decided.next() == 0 ? decided : Promotion.finish(registry, file.config(), name);
        if (done.live() != number) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    "Somebody else gave readers " + name + "@" + done.live() + " meanwhile, so " + name + "@" + number
                            + " is not live");
        }
    }

    private static ModelGenerations decided(String name, int number, ModelGenerations now) {
        boolean runs = now.build(number).filter(ModelGenerations.Build::runs).isPresent();
        if (!runs) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION, "There is no generation " + number + " of " + name + " any more");
        }
        if (now.next() != 0) {
            return now;
        }
        return now.live() == number ? now : now.promoting(number);
    }

    /**
     * Drops one generation, and what is left of others that were given up.
     *
     * @throws TidemarkException CONFIGURATION when readers are given it
     */
    public void drop(String name, int number, Consumer<String> says) throws InterruptedException {
        finishSwitch(name);
        ModelGenerations unused = registry.change(name, current -> {
            ModelGenerations now = require(name, current);
            if (now.live() == number || now.next() == number) {
                throw new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        name + "@" + number + " is what readers are given, and is not dropped");
            }
            return now.build(number).isPresent() ? now.dropping(number) : now;
        });
        dropGivenUp(name, says);
    }

    /** Takes away what nobody writes any more. */
    public void dropGivenUp(String name, Consumer<String> says) throws InterruptedException {
        ModelGenerations now = require(name, registry.read(name));
        for (ModelGenerations.Build build : now.builds()) {
            if (build.state() == State.DROPPING) {
                says.accept("dropping " + name + "@" + build.number());
                drop(now, build);
                UnaryOperator<ModelGenerations> without = current -> current.dropped(build.number());
                now = registry.change(name, current -> without.apply(require(name, current)));
            }
        }
    }

    private void drop(ModelGenerations now, ModelGenerations.Build build) throws InterruptedException {
        DroppedTopics topics = new DroppedTopics(file, now, build);
        topics.awaitNobody();
        // Whoever was late with an older switch has given readers what goes now.
        Promotion.serve(file.config(), now);
        for (String store : build.targets().keySet()) {
            if (file.config().stores().containsKey(store)) {
                try (ServedGeneration generation = StoredBuild.in(file.config(), now.model(), build, store)) {
                    generation.drop();
                }
            }
        }
        topics.delete();
    }

    @Override
    public void close() {
        registry.close();
    }
}
