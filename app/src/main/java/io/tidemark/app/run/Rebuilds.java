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
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

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
        ModelGenerations now;
        do {
            finishSwitch(name);
            now = registry.change(name, current -> begun(model, require(name, current)));
        } while (now.next() != 0);
        return now.filling().orElseThrow().number();
    }

    private ModelGenerations begun(ReadModel model, ModelGenerations now) {
        if (now.next() != 0) {
            return now;
        }
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
        OptionalInt unused = finishPromotion(model);
    }

    /**
     * Switches what somebody decided to switch and did not switch to the end.
     *
     * @return the generation that is live by that, if it was promoted, not taken back
     */
    public OptionalInt finishPromotion(String model) throws InterruptedException {
        Optional<ModelGenerations> decided = registry.read(model).filter(now -> now.next() != 0);
        if (decided.isEmpty()) {
            return OptionalInt.empty();
        }
        ModelGenerations done = Promotion.finish(registry, file.config(), model);
        return done.live() == decided.get().next() && !decided.get().goesBack()
                ? OptionalInt.of(done.live())
                : OptionalInt.empty();
    }

    /** Whether the file still says what a generation was built by. */
    public boolean isByFile(String name, int number) {
        return require(name, registry.read(name))
                .build(number)
                .filter(build -> Change.between(build, file, file.model(name)) == Change.NONE)
                .isPresent();
    }

    /** Has processes that have given a generation up try it again. */
    public void askAgain(String name, int number) {
        ModelGenerations unused =
                registry.change(name, current -> require(name, current).withProblem(number, ""));
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
                    requireWritten(name, number);
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

    private void requireWritten(String name, int number) {
        requireWritten(require(name, registry.read(name)), number);
    }

    private static ModelGenerations.Build requireWritten(ModelGenerations now, int number) {
        ModelGenerations.Build build = now.build(number)
                .filter(ModelGenerations.Build::runs)
                .orElseThrow(() -> new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        "There is no generation " + number + " of " + now.model()
                                + " any more: it was dropped, or given up by another rebuild"));
        if (!build.problem().isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.FAILED, now.model() + "@" + number + " is not filled any further: " + build.problem());
        }
        return build;
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
        return plans.of(now, requireWritten(now, number));
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
     * What {@code rollback} is to do.
     *
     * @param number of the generation to go to
     * @param decided whether that was decided before, and has to be carried out only; or is done
     * @param seen the generations as they were then
     */
    public record Back(int number, boolean decided, ModelGenerations seen) {}

    /**
     * Where {@code rollback} goes: to a generation that is named; else a rollback that is not carried out goes on, a
     * promotion that is not carried out is taken back, and one that is is undone.
     *
     * @param wanted 0 for the one that readers had before
     * @throws TidemarkException CONFIGURATION when there is none to go back to
     */
    public Back back(String name, int wanted) {
        ModelGenerations now = require(name, registry.read(name));
        int number = wanted != 0 ? wanted : before(now);
        if (now.build(number).filter(build -> build.state() == State.KEPT).isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "No generation of " + name + " that " + (wanted == 0 ? "was live before" : "is number " + wanted)
                            + " is kept: there is nothing to go back to");
        }
        return new Back(number, now.next() == number || (now.next() == 0 && now.live() == number), now);
    }

    /** Where readers came from; what is live where they came from there by a rollback. */
    static int before(ModelGenerations now) {
        if (now.next() != 0) {
            return now.goesBack() ? now.next() : now.live();
        }
        boolean isBack = now.decision() > 0 && now.before() == 0;
        return isBack ? now.live() : now.before();
    }

    /**
     * Gives readers what {@link #back} said, also in place of a promotion that was decided and is not carried out.
     *
     * @throws TidemarkException FAILED when somebody decided otherwise since
     */
    public void goBack(Back back) throws InterruptedException {
        String name = back.seen().model();
        serve(name, back.number(), current -> {
            ModelGenerations now = require(name, current);
            if (now.decision() != back.seen().decision()) {
                throw new TidemarkException(
                        ErrorCode.FAILED,
                        "Somebody decided otherwise about " + name + " meanwhile: 'tidemark plan " + name
                                + "' says what is live");
            }
            return back.decided() ? now : decided(back.number(), now);
        });
    }

    /**
     * Gives readers a generation, in every store, and waits until that is done.
     *
     * @throws TidemarkException FAILED when nobody writes it any further, or somebody else decides otherwise meanwhile
     */
    public void serve(String name, int number) throws InterruptedException {
        serve(name, number, current -> {
            ModelGenerations now = require(name, current);
            return now.next() == 0 ? decided(number, now) : now;
        });
    }

    private void serve(String name, int number, Function<Optional<ModelGenerations>, ModelGenerations> decision)
            throws InterruptedException {
        ModelGenerations decided = registry.change(name, decision);
        ModelGenerations done = decided.next() == 0 ? decided : Promotion.finish(registry, file.config(), name);
        if (done.live() != number) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    "Somebody else gave readers " + name + "@" + done.live() + " meanwhile, so " + name + "@" + number
                            + " is not live");
        }
    }

    /** Stores are to be switched to this one, if somebody writes it. */
    static ModelGenerations decided(int number, ModelGenerations now) {
        ModelGenerations.Build build = requireWritten(now, number);
        return now.next() == 0 && now.live() == build.number() ? now : now.promoting(number);
    }

    /**
     * Drops one generation, and what is left of others that were given up.
     *
     * @throws TidemarkException CONFIGURATION when readers are given it, or were and have no other in one of its stores
     */
    public void drop(String name, int number, Consumer<String> says) throws InterruptedException {
        finishSwitch(name);
        ModelGenerations unused = registry.change(name, current -> {
            ModelGenerations now = require(name, current);
            return now.build(number)
                    .map(build -> droppable(now, build).dropping(number))
                    .orElseGet(() -> known(now, number));
        });
        dropGivenUp(name, says);
    }

    /** What was dropped before is dropped. */
    private static ModelGenerations known(ModelGenerations now, int number) {
        if (number < 1 || number > now.highest()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION, "There never was a generation " + number + " of " + now.model());
        }
        return now;
    }

    private ModelGenerations droppable(ModelGenerations now, ModelGenerations.Build build) {
        String label = now.model() + "@" + build.number();
        if (now.live() == build.number() || now.next() == build.number()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION, label + " is what readers are given, and is not dropped");
        }
        file.models().stream()
                .filter(model -> model.name().equals(now.model()))
                .flatMap(model -> file.targets(model).stream().map(Target::store))
                .filter(store -> build.state() == State.KEPT
                        && build.targets().containsKey(store)
                        && !now.liveBuild().targets().containsKey(store))
                .findFirst()
                .ifPresent(store -> {
                    throw new TidemarkException(
                            ErrorCode.CONFIGURATION,
                            label + " is all that readers of store '" + store + "' have, which " + now.model() + "@"
                                    + now.live() + " is not in: promote one that is, or take the store out of 'to'");
                });
        return now;
    }

    /** Takes away what nobody writes any more, each as the registry says when its turn comes. */
    public void dropGivenUp(String name, Consumer<String> says) throws InterruptedException {
        for (Optional<Integer> each = givenUp(name); each.isPresent(); each = givenUp(name)) {
            int number = each.get();
            says.accept("dropping " + name + "@" + number);
            drop(name, number);
            ModelGenerations unused =
                    registry.change(name, current -> require(name, current).dropped(number));
        }
    }

    private Optional<Integer> givenUp(String name) {
        return require(name, registry.read(name)).builds().stream()
                .filter(build -> build.state() == State.DROPPING)
                .map(ModelGenerations.Build::number)
                .findFirst();
    }

    private void drop(String name, int number) throws InterruptedException {
        ModelGenerations before = require(name, registry.read(name));
        Optional<ModelGenerations.Build> build = before.build(number);
        if (build.isEmpty()) {
            return;
        }
        new DroppedTopics(file, before, build.get()).awaitNobody();
        // Whoever was late with an older switch has given readers what goes now.
        ModelGenerations now = Promotion.finish(registry, file.config(), name);
        for (String store : build.get().targets().keySet()) {
            if (file.config().stores().containsKey(store)) {
                try (ServedGeneration generation = StoredBuild.in(file.config(), now, build.get(), store)) {
                    generation.drop();
                }
            }
        }
        new DroppedTopics(file, now, build.get()).delete();
    }

    @Override
    public void close() {
        registry.close();
    }
}
