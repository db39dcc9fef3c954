package io.tidemark.app.run;

import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.model.ErrorCode;
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
    /** Whoever decided to switch is given this long to do it. */
    private static final long LEFT_ALONE_NANOS = TimeUnit.SECONDS.toNanos(3);

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

    /** Waits until a build that never ran may begin. */
    @FunctionalInterface
    interface FirstStart {
        void await() throws InterruptedException;
    }

    private final Surroundings around;
    private final FirstStart firstStart;
    private final GenerationPlans plans;
    private final GenerationRegistry registry;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private final Map<String, DocumentProjection> assemblers = new LinkedHashMap<>();
    private final Map<String, RunningBuild> builds = new LinkedHashMap<>();
    /** Builds that are not tried again by this process. */
    private final Set<String> givenUp = ConcurrentHashMap.newKeySet();

    /** Builds of which the registry was told so. */
    private final Set<String> told = new HashSet<>();

    private final Set<String> said = new HashSet<>();
    private final Map<String, Long> unfinishedSince = new HashMap<>();
    private final Map<String, Integer> live = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private List<ReadModel> models = List.of();
    private final Thread watching = new Thread(this::watch, "tidemark-generations");

    RunningGenerations(Surroundings around, FirstStart firstStart) {
        this.around = around;
        this.firstStart = firstStart;
        this.plans = new GenerationPlans(around.file());
        this.registry = new GenerationRegistry(
                around.file().kafkaClient(), around.file().topics());
        watching.setDaemon(true);
    }

    /** Starts what there is of these models, and notes those that were never noted. */
    void start(List<ReadModel> some) throws InterruptedException {
        models = List.copyOf(some);
        Map<String, ModelGenerations> registered = around.registered() ? registry.read() : Map.of();
        for (ReadModel model : models) {
            ModelGenerations generations = registered.get(model.name());
            if (generations == null) {
                start(around.file().withOnly(model, Build.FIRST));
            } else {
                startAll(model, generations);
            }
        }
        if (around.registered()) {
            models.forEach(this::note);
            watching.start();
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
                start(plans.of(generations, build));
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
    private void note(ReadModel model) {
        boolean unused = registry.change(model.name(), current -> noted(model, current)) != null;
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

    private synchronized void start(Plan plan) throws InterruptedException {
        ReadModel model = plan.models().get(0);
        Build build = plan.build(model);
        String name = build.name(model.name());
        if (closing.getCount() == 0 || builds.containsKey(name) || givenUp.contains(name)) {
            return;
        }
        StoreAccess stores = new StoreAccess(plan, around.lineage(), () -> isLive(model.name(), build));
        if (model instanceof DocumentModel && !stores.hasRun(model)) {
            firstStart.await();
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
        builds.put(name, running);
        running.ends().forEach(end -> watch(model, build, end));
    }

    private void assemble(DocumentModel document, Plan plan, Build build) {
        String name = build.assemblyName(document.name());
        DocumentProjection there = assemblers.get(name);
        DocumentProjection assembler = there != null
                ? there
                : new DocumentProjection(
                        document.named(name), around.settings(), around.tidemarks(), plan.limit(document));
        around.observer().documents(build.display(document.name()), assembler);
        if (there == null) {
            assembler.start();
            assemblers.put(name, assembler);
        }
        watch(document, build, assembler.failed());
    }

    private boolean isLive(String model, Build build) {
        return live.getOrDefault(model, build.serves() ? build.number() : 0) == build.number();
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
        String name = Topics.build(model, number);
        if (closing.getCount() > 0 && givenUp.add(name)) {
            around.observer().ended(new Build(number, number, false).display(model));
            around.says().accept(model + "@" + number + " is not written any further: " + why.getMessage());
            LOG.warn("{}@{} is not written any further", model, number, why);
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

    private void look() throws InterruptedException {
        try {
            Map<String, ModelGenerations> registered = registry.read();
            for (ReadModel model : models) {
                ModelGenerations generations = registered.get(model.name());
                if (generations != null) {
                    follow(generations);
                }
            }
        } catch (RuntimeException e) {
            if (closing.getCount() > 0 && said.add(String.valueOf(e.getMessage()))) {
                LOG.warn("Generations are looked at again later", e);
            }
        }
    }

    private void follow(ModelGenerations generations) throws InterruptedException {
        live(generations);
        stopDropped(generations);
        tellProblems(generations);
        for (ModelGenerations.Build build : generations.builds()) {
            String name = Topics.build(generations.model(), build.number());
            if (build.runs() && !isKnown(name)) {
                begin(generations, build);
            }
        }
        finishSwitch(generations);
    }

    private synchronized boolean isKnown(String name) {
        return builds.containsKey(name) || givenUp.contains(name);
    }

    private void begin(ModelGenerations generations, ModelGenerations.Build build) throws InterruptedException {
        try {
            start(plans.of(generations, build));
            around.says().accept(generations.model() + "@" + build.number() + " is written, beside what readers have");
        } catch (TidemarkException e) {
            if (e.code() == ErrorCode.UNREACHABLE) {
                throw e;
            }
            giveUp(generations.model(), build.number(), e);
        }
    }

    /** Whoever waits for a generation that this process has given up is told why; whoever asks again has it tried again. */
    private void tellProblems(ModelGenerations generations) {
        generations.filling().filter(build -> build.problem().isEmpty()).ifPresent(build -> {
            String name = Topics.build(generations.model(), build.number());
            if (givenUp.contains(name) && told.add(name)) {
                boolean unused = registry.change(generations.model(), current -> current.orElse(generations)
                                .withProblem(
                                        build.number(), "a process that writes it has given it up; its log says why"))
                        != null;
            } else if (givenUp.contains(name)) {
                forget(name);
            }
        });
    }

    private void forget(String name) {
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

    private void finishSwitch(ModelGenerations generations) throws InterruptedException {
        String decision = generations.model() + " " + generations.decision();
        if (generations.next() == 0) {
            unfinishedSince.clear();
        } else if (System.nanoTime() - unfinishedSince.computeIfAbsent(decision, any -> System.nanoTime())
                > LEFT_ALONE_NANOS) {
            LOG.info(
                    "{} was not switched to generation {} to the end: finishing",
                    generations.model(),
                    generations.next());
            Promotion.finish(registry, around.file().config(), generations.model());
        }
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

    @Override
    public void close() {
        closing.countDown();
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
