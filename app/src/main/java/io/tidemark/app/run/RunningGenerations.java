package io.tidemark.app.run;

import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.DocumentProjection;
import io.tidemark.projections.GenerationRegistry;
import io.tidemark.projections.ModelGenerations;
import io.tidemark.projections.ProjectionSettings;
import io.tidemark.projections.TidemarkFollower;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every generation of some read models that is to be written, as the registry says, in this process: those there are at
 * the start, those that are begun while it runs, until they are dropped. A switch of stores that somebody left unfinished
 * is finished.
 */
final class RunningGenerations implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunningGenerations.class);
    private static final long LOOK_EVERY_MS = 300;
    /** What a store that does not answer keeps from being begun is tried again after this long. */
    private static final long TRY_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    /**
     * What a build needs of the process it runs in.
     *
     * @param registered whether generations are in the registry; else there is one of each model, which the file defines
     */
    record Surroundings(
            Plan file,
            ProjectionSettings settings,
            TidemarkFollower tidemarks,
            String lineage,
            PipelineObserver observer,
            BiConsumer<Place, TidemarkRef> listener,
            Consumer<String> says,
            boolean registered) {}

    /** Until what the source has now is captured, a build that never ran does not begin. */
    interface FirstStart {

        Lsn now();

        boolean isCaptured(Lsn now);

        void await(Lsn now) throws InterruptedException;
    }

    /**
     * A build that never ran.
     *
     * @param plan that it begins with: what it found in the source is from before that
     * @param since where the source was then
     */
    private record Waiting(Plan plan, Lsn since) {}

    private final Surroundings around;
    private final FirstStart firstStart;
    private final GenerationPlans plans;
    private final GenerationRegistry registry;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private final Map<String, DocumentProjection> assemblers = new LinkedHashMap<>();
    private final Map<String, RunningBuild> builds = new LinkedHashMap<>();
    /** Builds that this process does not write any more, with the reason. */
    private final Map<String, Throwable> givenUp = new ConcurrentHashMap<>();

    /** Builds of which the registry was told so. */
    private final Set<String> told = new HashSet<>();

    /** Live ones that are given up. */
    private final Set<String> unwritten = ConcurrentHashMap.newKeySet();

    private final Set<String> said = new HashSet<>();
    private final Map<String, Long> triedAt = new HashMap<>();
    /** Builds that never ran and for which it was too early. */
    private final Map<String, Waiting> waiting = new HashMap<>();

    private final Map<String, Integer> live = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private List<ReadModel> models = List.of();
    private final Thread watching = new Thread(this::watch, "tidemark-generations");
    private final ServedStores served;

    RunningGenerations(Surroundings around, FirstStart firstStart) {
        this.around = around;
        this.firstStart = firstStart;
        this.plans = new GenerationPlans(around.file());
        this.registry = new GenerationRegistry(
                around.file().kafkaClient(), around.file().topics());
        this.served = new ServedStores(around.file());
        watching.setDaemon(true);
    }

    /** Starts what there is of these models, and notes those that were never noted. */
    void start(List<ReadModel> some) throws InterruptedException {
        models = List.copyOf(some);
        Map<String, ModelGenerations> registered = around.registered() ? registry.read() : Map.of();
        for (ReadModel model : models) {
            ModelGenerations generations = registered.get(model.name());
            if (generations == null) {
                boolean unused = start(around.file().withOnly(model, Build.FIRST), firstStart::await);
            } else {
                startAll(model, generations);
            }
        }
        if (around.registered()) {
            models.forEach(model -> note(model, Optional.ofNullable(registered.get(model.name()))));
            watching.start();
            served.start(models);
        }
    }

    private void startAll(ReadModel model, ModelGenerations generations) throws InterruptedException {
        live(generations);
        int started = 0;
        TidemarkException unfit = null;
        for (ModelGenerations.Build build : generations.builds().stream()
                .filter(ModelGenerations.Build::runs)
                .toList()) {
            try {
                boolean unused = start(plans.of(generations, build), firstStart::await);
                started++;
            } catch (TidemarkException e) {
                if (build.number() == generations.live() && e.code() != ErrorCode.CONFIGURATION) {
                    throw e;
                }
                if (e.code() != ErrorCode.UNREACHABLE) {
                    giveUp(model.name(), build.number(), e);
                }
                unfit = e;
            }
        }
        if (started == 0 && unfit != null) {
            throw unfit;
        }
        sayWhatDiffers(model, generations);
    }

    private void sayWhatDiffers(ReadModel model, ModelGenerations generations) {
        boolean live = Change.between(generations.liveBuild(), around.file(), model) == Change.NONE;
        boolean filling = generations
                .filling()
                .filter(build -> Change.between(build, around.file(), model) == Change.NONE)
                .isPresent();
        if (!live && !filling) {
            around.says()
                    .accept(model.name() + ": the file defines it otherwise than generation " + generations.live()
                            + ", which goes on. 'tidemark plan' says what differs, 'tidemark rebuild " + model.name()
                            + "' builds it");
        }
    }

    /** What is live is known from here on, and by which definition it was built. */
    private void note(ReadModel model, Optional<ModelGenerations> registered) {
        if (!registered.equals(Optional.of(noted(model, registered)))) {
            boolean unused = registry.change(model.name(), current -> noted(model, current)) != null;
        }
    }

    private ModelGenerations noted(ReadModel model, Optional<ModelGenerations> current) {
        if (current.isEmpty()) {
            return ModelGenerations.first(model.name(), around.lineage(), plans.toNote(model, 1, 1));
        }
        ModelGenerations.Build live = current.get().liveBuild();
        return Change.between(live, around.file(), model) == Change.NONE
                ? current.get().redefined(plans.toNote(model, live.number(), live.assembly()))
                : current.get();
    }

    /** What is done before a build that never ran begins. */
    private interface Before {
        void first(Lsn since) throws InterruptedException;
    }

    /**
     * Nothing is held while something is waited for: what runs already can be asked meanwhile.
     *
     * @return false when it is still too early
     */
    private boolean start(Plan plan, Before before) throws InterruptedException {
        ReadModel model = plan.models().get(0);
        Build build = plan.build(model);
        if (closing.getCount() == 0 || isKnown(build.name(model.name()))) {
            return true;
        }
        Waiting known = waiting.get(build.name(model.name()));
        if (known != null && !firstStart.isCaptured(known.since())) {
            return false;
        }
        StoreAccess stores = new StoreAccess(plan, around.lineage(), () -> live(model.name(), build));
        if (model instanceof DocumentModel && !stores.hasRun(model)) {
            String name = build.name(model.name());
            Waiting wait = waiting.computeIfAbsent(name, any -> new Waiting(plan, firstStart.now()));
            before.first(wait.since());
            if (!firstStart.isCaptured(wait.since())) {
                return false;
            }
            waiting.remove(name);
        }
        RunningBuild running = new RunningBuild(plan, stores, around.observer());
        running.start(around.settings(), around.tidemarks(), around.listener());
        try {
            if (model instanceof DocumentModel document) {
                assemble(document, plan, build);
            }
        } catch (RuntimeException e) {
            running.close();
            throw e;
        }
        if (runs(build.name(model.name()), running)) {
            running.ends().forEach(end -> watch(model, build, end));
        } else {
            running.close();
        }
        return true;
    }

    /** False when everything was closed meanwhile. */
    private synchronized boolean runs(String name, RunningBuild running) {
        if (closing.getCount() == 0) {
            return false;
        }
        builds.put(name, running);
        return true;
    }

    private void assemble(DocumentModel document, Plan plan, Build build) {
        String name = build.assemblyName(document.name());
        DocumentProjection there = assembler(name);
        DocumentProjection assembler = there != null
                ? there
                : new DocumentProjection(
                        document.named(name), around.settings(), around.tidemarks(), plan.limit(document));
        around.observer().documents(build.display(document.name()), assembler);
        if (there == null) {
            assembler.start();
            assembles(name, assembler);
        }
        watch(document, build, assembler.failed());
    }

    private synchronized @Nullable DocumentProjection assembler(String name) {
        return assemblers.get(name);
    }

    private void assembles(String name, DocumentProjection assembler) {
        synchronized (this) {
            if (closing.getCount() > 0) {
                assemblers.put(name, assembler);
                return;
            }
        }
        assembler.close();
    }

    private int live(String model, Build build) {
        return live.getOrDefault(model, build.serves() ? build.number() : 0);
    }

    private boolean isLive(String model, Build build) {
        return live(model, build) == build.number();
    }

    private void live(ModelGenerations generations) {
        live.put(generations.model(), generations.live());
    }

    /** Of what readers are given an end is the process's; any other generation can wait. */
    private void watch(ReadModel model, Build build, CompletableFuture<Void> part) {
        var unused = part.whenComplete((done, error) -> {
            if (error != null && isLive(model.name(), build)) {
                failed.completeExceptionally(error);
            } else if (error != null) {
                giveUp(model.name(), build.number(), error);
            }
        });
    }

    private void giveUp(String model, int number, Throwable why) {
        Build build = new Build(number, number, false);
        if (closing.getCount() > 0 && givenUp.putIfAbsent(build.name(model), why) == null) {
            around.observer().ended(build.display(model));
            around.says().accept(model + "@" + number + " is not written any further: " + why.getMessage());
            LoggedFailure.warn(LOG, model + "@" + number + " is not written any further", why);
        }
        if (live.getOrDefault(model, 0) == number && unwritten.add(build.name(model))) {
            around.observer().unwritten(build.display(model), String.valueOf(why.getMessage()));
        }
    }

    private void watch() {
        try {
            while (!closing.await(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is to stop first: what is to begin may have to wait for a store. */
    private void look() throws InterruptedException {
        List<ModelGenerations> all = new ArrayList<>();
        orLater("the registry", () -> {
            Map<String, ModelGenerations> registered = registry.read();
            models.forEach(
                    model -> Optional.ofNullable(registered.get(model.name())).ifPresent(all::add));
        });
        for (ModelGenerations each : all) {
            orLater(each.model(), () -> follow(each));
        }
        for (ModelGenerations each : all) {
            begin(each);
        }
    }

    /** One of many things to do, which keeps the others from nothing. */
    private interface Step {
        void run() throws InterruptedException;
    }

    private void orLater(String what, Step step) throws InterruptedException {
        try {
            step.run();
            said.removeIf(each -> each.startsWith(what + " "));
        } catch (RuntimeException e) {
            if (closing.getCount() > 0 && said.add(what + " " + e.getMessage())) {
                LoggedFailure.warn(LOG, what + " is looked at again later", e);
            }
        }
    }

    private void follow(ModelGenerations generations) {
        live(generations);
        stopDropped(generations);
        tellProblems(generations);
        takeUpLive(generations);
    }

    private void begin(ModelGenerations generations) throws InterruptedException {
        for (ModelGenerations.Build build : generations.builds()) {
            String name = Topics.build(generations.model(), build.number());
            long now = System.nanoTime();
            if (build.runs()
                    && !isKnown(name)
                    && now - triedAt.getOrDefault(name, now - TRY_AGAIN_NANOS) >= TRY_AGAIN_NANOS) {
                triedAt.put(name, now);
                orLater(name, () -> begin(generations, build));
            }
        }
    }

    private synchronized boolean isKnown(String name) {
        return builds.containsKey(name) || givenUp.containsKey(name);
    }

    private void begin(ModelGenerations generations, ModelGenerations.Build build) throws InterruptedException {
        try {
            String name = Topics.build(generations.model(), build.number());
            Waiting met = waiting.get(name);
            // Nothing is waited for here: what is to stop does not wait for what is to begin.
            if (start(met == null ? plans.of(generations, build) : met.plan(), since -> {})) {
                around.says()
                        .accept(generations.model() + "@" + build.number() + " is written, beside what readers have");
            } else {
                triedAt.remove(name);
            }
        } catch (TidemarkException e) {
            if (e.code() == ErrorCode.UNREACHABLE) {
                throw e;
            }
            if (build.number() == generations.live() && e.code() != ErrorCode.CONFIGURATION) {
                failed.completeExceptionally(e);
            }
            giveUp(generations.model(), build.number(), e);
        }
    }

    /**
     * What readers are given by now is written again, though this process had given it up; unless its definition does not
     * fit any more, which is said where health is asked for.
     */
    private void takeUpLive(ModelGenerations generations) {
        String name = Topics.build(generations.model(), generations.live());
        Throwable why = givenUp.get(name);
        if (why instanceof TidemarkException known && known.code() == ErrorCode.CONFIGURATION) {
            giveUp(generations.model(), generations.live(), why);
        } else if (why != null && !failed.isDone()) {
            forget(generations.model(), generations.live());
        }
    }

    /** Whoever waits for a generation that this process has given up is told why; whoever asks again has it tried again. */
    private void tellProblems(ModelGenerations generations) {
        for (ModelGenerations.Build build : generations.builds()) {
            String name = Topics.build(generations.model(), build.number());
            if (build.runs()
                    && build.number() != generations.live()
                    && build.problem().isEmpty()
                    && givenUp.containsKey(name)) {
                if (told.add(name)) {
                    tell(generations.model(), build.number());
                } else {
                    forget(generations.model(), build.number());
                }
            }
        }
    }

    private void tell(String model, int number) {
        String problem = "a process that writes it has given it up; its log says why";
        boolean unused = registry.change(model, current -> current.orElseThrow().withProblem(number, problem)) != null;
    }

    private void forget(String model, int number) {
        Build build = new Build(number, number, false);
        String name = build.name(model);
        around.observer().ended(build.display(model));
        Deque<AutoCloseable> ending = new ArrayDeque<>();
        synchronized (this) {
            RunningBuild stopped = builds.remove(name);
            if (stopped != null) {
                ending.push(stopped);
                ending.addAll(unusedAssemblers(stopped.model().name()));
            }
        }
        PartsClosed.all(ending);
        told.remove(name);
        unwritten.remove(name);
        triedAt.remove(name);
        givenUp.remove(name);
    }

    private void stopDropped(ModelGenerations generations) {
        Deque<AutoCloseable> ending = new ArrayDeque<>();
        synchronized (this) {
            for (RunningBuild each : List.copyOf(builds.values())) {
                boolean runs = generations
                        .build(each.build().number())
                        .filter(ModelGenerations.Build::runs)
                        .isPresent();
                if (each.model().name().equals(generations.model()) && !runs) {
                    builds.remove(each.build().name(generations.model()));
                    around.observer().ended(each.build().display(generations.model()));
                    ending.push(each);
                }
            }
            if (!ending.isEmpty()) {
                unusedAssemblers(generations.model()).forEach(each -> ending.push(each::forget));
            }
        }
        PartsClosed.all(ending);
    }

    private List<DocumentProjection> unusedAssemblers(String model) {
        Set<String> used = new HashSet<>();
        Set<String> ofModel = new HashSet<>();
        builds.values().stream()
                .filter(each -> each.model().name().equals(model))
                .forEach(each -> used.add(each.build().assemblyName(model)));
        assemblers.keySet().stream()
                .filter(name -> name.equals(model) || name.startsWith(model + "."))
                .forEach(ofModel::add);
        ofModel.removeAll(used);
        List<DocumentProjection> unused = new ArrayList<>();
        ofModel.forEach(name -> unused.add(assemblers.remove(name)));
        return unused;
    }

    /** Completes exceptionally when a part of what readers are given stops by itself. */
    CompletableFuture<Void> failed() {
        return failed;
    }

    /** Every generation in every store, with what it has applied. */
    synchronized Map<Place, AppliedTidemarks> applied() {
        Map<Place, AppliedTidemarks> all = new LinkedHashMap<>();
        builds.values().forEach(each -> all.putAll(each.applied()));
        return all;
    }

    /** The generation that readers are given. */
    int live(String model) {
        return live.getOrDefault(model, 1);
    }

    /**
     * Whether this process writes the first partition of what readers are given of a model, in the first of its stores: of all
     * processes one does.
     */
    boolean writesFirst(String model) {
        return appliedOfLive(model)
                .min(Comparator.comparing(each -> each.getKey().store()))
                .map(Map.Entry::getValue)
                .filter(applied -> applied.owned().contains(0))
                .isPresent();
    }

    /** Whether a store holds all that this process writes there of what readers are given of a model. */
    boolean hasFilled(String model) {
        return appliedOfLive(model).anyMatch(each -> each.getValue().minimum().isPresent());
    }

    private Stream<Map.Entry<Place, AppliedTidemarks>> appliedOfLive(String model) {
        String display = new Build(live(model), 1, true).display(model);
        return applied().entrySet().stream()
                .filter(each -> each.getKey().model().equals(display));
    }

    @Override
    public void close() {
        closing.countDown();
        served.close();
        try {
            watching.join(TimeUnit.SECONDS.toMillis(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        synchronized (this) {
            builds.values().forEach(parts::push);
            assemblers.values().forEach(parts::push);
            builds.clear();
            assemblers.clear();
        }
        PartsClosed.all(parts);
        if (!watching.isAlive()) {
            registry.close();
        }
    }
}
