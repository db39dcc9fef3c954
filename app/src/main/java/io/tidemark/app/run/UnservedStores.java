package io.tidemark.app.run;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.projections.GenerationRegistry;
import io.tidemark.projections.ModelGenerations;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores that give readers another generation than the live one: they are being switched, or forgot that they were. What is
 * known of the live generation there says nothing of what readers have.
 *
 * @param said what is to be said of each
 */
public record UnservedStores(Map<Place, String> said) {

    private static final Logger LOG = LoggerFactory.getLogger(UnservedStores.class);

    public UnservedStores {
        said = Map.copyOf(said);
    }

    /**
     * Asks the stores of some models that are in the registry; one that does not answer says nothing.
     *
     * @param plan of the generations that were looked at as the live ones
     */
    public static UnservedStores of(Plan plan, List<ReadModel> models) {
        Map<Place, String> said = new HashMap<>();
        try (GenerationRegistry registry = new GenerationRegistry(plan.kafkaClient(), plan.topics())) {
            Map<String, ModelGenerations> registered = registry.read();
            for (ReadModel model : models) {
                Optional.ofNullable(registered.get(model.name())).ifPresent(now -> ask(plan, model, now, said));
            }
        }
        return new UnservedStores(said);
    }

    private static void ask(Plan plan, ReadModel model, ModelGenerations now, Map<Place, String> said) {
        int lookedAt = plan.build(model).number();
        for (Target target : plan.targets(model)) {
            String store = target.store();
            if (now.live() != lookedAt) {
                said.put(
                        new Place(now.model(), store),
                        now.model() + "@" + lookedAt + " was looked at, and meanwhile readers were given " + now.model()
                                + "@" + now.live() + ": try again");
            } else if (!isServed(plan, now, store)) {
                said.put(
                        new Place(now.model(), store),
                        "the store gives readers another generation than " + now.model() + "@" + now.live()
                                + (now.next() == 0
                                        ? "; a process that runs switches it within a minute, or logs why it cannot"
                                        : ": it is being switched to " + now.model() + "@" + now.next()));
            }
        }
    }

    private static boolean isServed(Plan plan, ModelGenerations now, String store) {
        try (ServedGeneration generation = StoredBuild.in(plan.config(), now, now.liveBuild(), store)) {
            return generation.isServed();
        } catch (TidemarkException e) {
            LOG.warn("Store '{}' does not say what it gives readers of {}: {}", store, now.model(), e.getMessage());
            return true;
        }
    }

    /** What is to be said of one; empty when it gives readers what is live. */
    public Optional<String> of(String model, String store) {
        return Optional.ofNullable(said.get(new Place(model, store)));
    }

    /** Reports, of which those about something that readers do not have tell nothing. */
    public List<Report> in(List<Report> reports) {
        return reports.stream()
                .map(report -> of(report.model(), report.store())
                        .map(why -> new Report(
                                report.model(),
                                report.store(),
                                report.exitCode() == Verdict.DRIFT.exitCode() ? Verdict.DRIFT : Verdict.COULD_NOT_TELL,
                                report.tidemark(),
                                report.part(),
                                report.compared(),
                                report.driftCount(),
                                report.drift(),
                                report.undecidedCount(),
                                report.undecided(),
                                why,
                                report.repair()))
                        .orElse(report))
                .toList();
    }

    /** Of a model that cannot be compared, since its definition does not fit any more. */
    public static Report untold(String model, String why) {
        return untold(model, "any store", why);
    }

    /** Of a model that could not be compared in one store. */
    static Report untold(String model, String store, String why) {
        return new Report(
                model, store, Verdict.COULD_NOT_TELL, TidemarkRef.NONE, 0, 0, List.of(), 0, List.of(), why, null);
    }
}
