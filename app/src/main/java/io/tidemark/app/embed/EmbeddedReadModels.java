package io.tidemark.app.embed;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Pipeline;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.Reconciliations;
import io.tidemark.app.run.SystemsCheck;
import io.tidemark.model.Lsn;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.ParkedDocument;
import io.tidemark.projections.ParkedDocuments;
import io.tidemark.projections.ParkedDocuments.Wish;
import io.tidemark.reconciliation.Progress;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Report;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Read models that are defined in Java, kept in step in this process, with what {@code tidemark capture} captures in
 * another: what {@code tidemark project} does for those of the file. Any number of processes with the same definitions
 * share the documents. Runs in threads of its own.
 */
public final class EmbeddedReadModels implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedReadModels.class);

    private final Plan plan;
    private final List<ReadModel> models;
    private final Pipeline pipeline;

    private EmbeddedReadModels(Plan plan, List<ReadModel> models, Path stateDirectory) {
        this.plan = plan;
        this.models = models;
        this.pipeline = Pipeline.ofOwnDefinitions(plan, stateDirectory);
    }

    /**
     * Holds definitions against the source; nothing runs yet.
     *
     * @param file has {@code source}, {@code kafka} and {@code stores}. Read models in it are checked, too, and left to
     *     {@code tidemark project}
     * @param stateDirectory where assemblers keep their state, of this process alone; if lost it is restored from Kafka
     * @throws io.tidemark.model.TidemarkException CONFIGURATION with one line per problem, with its place in the file or
     *     in Java; UNREACHABLE when the source cannot be read
     */
    public static EmbeddedReadModels of(Path file, Path stateDirectory, List<DocumentDefinition> definitions) {
        if (definitions.isEmpty()) {
            throw new IllegalArgumentException("There is no definition to run");
        }
        TidemarkConfig config = TidemarkConfig.load(
                file,
                System::getenv,
                definitions.stream().map(DocumentDefinition::model).toList());
        Plan plan = PlanReader.read(config);
        return new EmbeddedReadModels(
                plan,
                plan.models(definitions.stream().map(DocumentDefinition::name).toList()),
                stateDirectory);
    }

    /**
     * Starts; waits until something was captured, and a tidemark covers every table of the definitions. A failure leaves
     * nothing running.
     *
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when Kafka or a store does not answer; DATA_LOSS when a
     *     store has the name for another definition
     */
    public void start() throws InterruptedException {
        SystemsCheck.require(plan.config());
        pipeline.startReadModels(models, waits -> LOG.info("Read models: {}", waits));
    }

    /**
     * Waits until every store holds what was committed before a token was taken.
     *
     * @param token see {@link io.tidemark.capture.Tidemark#token}
     * @return false when the time is over first. Of partitions that another process has it is for that one to say:
     *     a {@code DocumentReader} asks the store, which knows all
     * @throws RuntimeException what stopped a read model meanwhile
     */
    public boolean await(Lsn token, Duration timeout) throws InterruptedException {
        return pipeline.await(token, timeout);
    }

    /** Waits until a read model stops by itself, and throws what stopped it. */
    public void awaitFailure() throws InterruptedException {
        pipeline.awaitFailure();
    }

    /** Compares every definition with the source, in each of its stores, while everything runs; after {@link #start}. */
    public List<Report> reconcile() {
        return reconciliations().run(models, Progress.NONE);
    }

    /** The same; what drifted is written as the source has it, where the store holds nothing newer. */
    public List<Report> repair() {
        return reconciliations().repair(models, Progress.NONE);
    }

    private Reconciliations reconciliations() {
        return new Reconciliations(plan, pipeline.stores(), pipeline.tidemarks(), ReconcileLimits.defaults());
    }

    /** What is parked of a definition, by store; after {@link #start}. */
    public Map<String, List<ParkedDocument>> parked(String name) {
        return pipeline.stores().parkedNow(plan.model(name));
    }

    /** Has the deliveries write again what is parked of a definition, wherever they run; after {@link #start}. */
    public void retryParked(String name) {
        ReadModel model = plan.model(name);
        Map<String, List<ParkedDocument>> now = pipeline.stores().parkedNow(model);
        try (ParkedDocuments parked = pipeline.stores().parked(model)) {
            parked.read();
            now.values().forEach(documents -> documents.forEach(each -> parked.wish(each, Wish.RETRY)));
        }
    }

    /** Stops; goes on from there at the next start. */
    @Override
    public void close() {
        pipeline.close();
    }
}
