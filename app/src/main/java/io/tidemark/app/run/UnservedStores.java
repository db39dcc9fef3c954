package io.tidemark.app.run;

import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.model.ErrorCode;
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

/**
 * Stores that give readers another generation than the live one: they are being switched, or forgot that they were. What is
 * known of the live generation there says nothing of what readers have.
 *
 * @param said what is to be said of each
 */
public record UnservedStores(Map<Place, String> said) {

    public UnservedStores {
        said = Map.copyOf(said);
    }

    /** Asks the stores of every model of the file that is in the registry; one that does not answer says nothing. */
    public static UnservedStores of(Plan file) {
        Map<Place, String> said = new HashMap<>();
        try (GenerationRegistry registry = new GenerationRegistry(file.kafkaClient(), file.topics())) {
            Map<String, ModelGenerations> registered = registry.read();
            for (ReadModel model : file.models()) {
                Optional.ofNullable(registered.get(model.name())).ifPresent(now -> ask(file, now, said));
            }
        }
        return new UnservedStores(said);
    }

    private static void ask(Plan file, ModelGenerations now, Map<Place, String> said) {
        for (String store : now.liveBuild().targets().keySet()) {
            if (file.config().stores().containsKey(store) && !isServed(file, now, store)) {
                said.put(
                        new Place(now.model(), store),
                        "the store gives readers another generation than " + now.model() + "@" + now.live()
                                + (now.next() == 0
                                        ? "; a process that runs switches it within a minute"
                                        : ": it is being switched to " + now.model() + "@" + now.next()));
            }
        }
    }

    private static boolean isServed(Plan file, ModelGenerations now, String store) {
        try (ServedGeneration generation = StoredBuild.in(file.config(), now, now.liveBuild(), store)) {
            return generation.isServed();
        } catch (TidemarkException e) {
            if (e.code() == ErrorCode.UNREACHABLE) {
                return true;
            }
            throw e;
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
                                report.verdict() == Verdict.DRIFT ? Verdict.DRIFT : Verdict.COULD_NOT_TELL,
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
        return new Report(
                model, "any store", Verdict.COULD_NOT_TELL, TidemarkRef.NONE, 0, 0, List.of(), 0, List.of(), why, null);
    }
}
