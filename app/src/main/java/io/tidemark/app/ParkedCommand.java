package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.GenerationPlans;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.ProblemList;
import io.tidemark.app.run.StoreAccess;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.ParkedDocument;
import io.tidemark.projections.ParkedDocuments;
import io.tidemark.projections.ParkedDocuments.Wish;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark parked}: documents that a store refused, and what is to become of them. */
@Command(
        name = "parked",
        description =
                "Documents that a store refused, or that are too large to be sent: listed, shown, tried again or dropped."
                        + " While a refused one is parked, nothing later of its key is written either.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class ParkedCommand implements Runnable {

    private static final int NOT_DONE_EXIT_CODE = 1;
    private static final int NOT_YET_EXIT_CODE = 2;
    private static final long LOOK_EVERY_MS = 100;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run()
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: list, show, retry or drop");
    }

    @Command(
            name = "list",
            description = "Lists what is parked, the longest first, of some read models or of all.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin CommonOptions options,
            @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Read models.") @Nullable
                    List<String> models) {
        Plan plan = GenerationPlans.live(TidemarkConfig.load(options.config()));
        List<ReadModel> wanted = models == null || models.isEmpty()
                ? plan.models()
                : models.stream().map(plan::model).toList();
        ArrayNode all = Json.array();
        StoreAccess stores = StoreAccess.ofCaptured(plan);
        for (ReadModel model : wanted) {
            stores.parkedNow(model).values().forEach(some -> some.forEach(each -> all.add(json(model, each))));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(Json.text(Json.object().set("parked", all)));
        } else if (all.isEmpty()) {
            out.println("nothing is parked");
        } else {
            all.forEach(each -> out.println(line((ObjectNode) each)));
        }
        if (models != null && !models.isEmpty()) {
            return 0;
        }
        ProblemList problems = new ProblemList();
        plan.unfit().values().forEach(why -> problems.add(new TidemarkException(ErrorCode.CONFIGURATION, why)));
        return problems.report(spec.commandLine().getErr());
    }

    @Command(
            name = "show",
            description = "Prints a parked document, as it would be written, and why it was refused.",
            mixinStandardHelpOptions = true)
    int show(@Mixin CommonOptions options, @Mixin Which which) {
        Plan plan = GenerationPlans.live(TidemarkConfig.load(options.config()));
        ReadModel model = plan.model(which.model);
        for (ParkedDocument each : which.of(StoreAccess.ofCaptured(plan).parkedNow(model))) {
            ObjectNode json = json(model, each);
            json.set("document", each.document());
            spec.commandLine().getOut().println(options.json() ? Json.text(json) : Json.pretty(json));
        }
        return 0;
    }

    @Command(
            name = "retry",
            description =
                    "Has the running delivery write parked documents. Exit code 0: they are in, 1: refused again, 2:"
                            + " not in time.",
            mixinStandardHelpOptions = true)
    int retry(@Mixin CommonOptions options, @Mixin Which which, @Mixin Patience patience) throws InterruptedException {
        return ask(options, which, patience, Wish.RETRY);
    }

    @Command(
            name = "drop",
            description = "Forgets parked documents. The store keeps what it has of them until they change again, and"
                    + " reconcile says so.",
            mixinStandardHelpOptions = true)
    int drop(@Mixin CommonOptions options, @Mixin Which which, @Mixin Patience patience) throws InterruptedException {
        return ask(options, which, patience, Wish.DROP);
    }

    /** Documents of one model. */
    static final class Which {

        @Parameters(index = "0", paramLabel = "MODEL", description = "A read model.")
        private String model = "";

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "KEY",
                description = "A document's key, as 'parked list' prints it; all of the model when none is given.")
        private @Nullable String key;

        @Option(names = "--store", paramLabel = "STORE", description = "Of this store only.")
        private @Nullable String store;

        private List<ParkedDocument> of(Map<String, List<ParkedDocument>> parked) {
            List<ParkedDocument> documents = parked.values().stream()
                    .flatMap(List::stream)
                    .filter(each -> store == null || each.id().store().equals(store))
                    .filter(each -> key == null
                            || each.id().key().json().equals(key)
                            || each.id().key().text().equals(key))
                    .toList();
            if (documents.isEmpty()) {
                throw new TidemarkException(
                        ErrorCode.USAGE,
                        "Nothing is parked of " + model + (key == null ? "" : " under key " + key)
                                + (store == null ? "" : " in " + store)
                                + "; 'tidemark parked list' shows what is");
            }
            return documents;
        }
    }

    /** How long to wait. */
    static final class Patience {
        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                defaultValue = "30",
                description = "How long to wait for the delivery (default: ${DEFAULT-VALUE}).")
        private int seconds = 30;
    }

    private int ask(CommonOptions options, Which which, Patience patience, Wish wish) throws InterruptedException {
        Plan plan = GenerationPlans.live(TidemarkConfig.load(options.config()));
        ReadModel model = plan.model(which.model);
        StoreAccess stores = StoreAccess.ofCaptured(plan);
        List<ParkedDocument> asked = which.of(stores.parkedNow(model));
        try (ParkedDocuments parked = stores.parked(model)) {
            parked.read();
            asked.forEach(each -> parked.wish(each, wish));
            awaitAnswers(parked, asked, Duration.ofSeconds(patience.seconds));
            return report(parked, asked, wish);
        }
    }

    private static void awaitAnswers(ParkedDocuments parked, List<ParkedDocument> asked, Duration timeout)
            throws InterruptedException {
        long until = System.nanoTime() + timeout.toNanos();
        while (asked.stream().anyMatch(each -> isOpen(parked, each)) && System.nanoTime() < until) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MS));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            parked.follow();
        }
    }

    private static boolean isOpen(ParkedDocuments parked, ParkedDocument asked) {
        return parked.isWished(asked) && parked.get(asked.id()).isPresent();
    }

    private int report(ParkedDocuments parked, List<ParkedDocument> asked, Wish wish) {
        PrintWriter err = spec.commandLine().getErr();
        int open = 0;
        int failed = 0;
        for (ParkedDocument each : asked) {
            ParkedDocument now = parked.get(each.id()).orElse(null);
            if (now == null) {
                continue;
            }
            if (isOpen(parked, each)) {
                open++;
            } else {
                failed++;
                err.println("tidemark: " + each.id().store() + why(now, wish));
            }
        }
        spec.commandLine()
                .getOut()
                .println((asked.size() - open - failed) + (wish == Wish.RETRY ? " written" : " dropped"));
        if (open > 0) {
            err.println("tidemark: " + open + " of " + asked.size()
                    + " were not looked at. Is 'tidemark run' running? It" + " does this when it is started");
            return NOT_YET_EXIT_CODE;
        }
        return failed == 0 ? 0 : NOT_DONE_EXIT_CODE;
    }

    private static String why(ParkedDocument now, Wish wish) {
        if (wish == Wish.DROP) {
            return ": a later " + now.id().key() + " was parked meanwhile; it is not dropped";
        }
        return now.withheld()
                ? " cannot be given " + now.id().key() + ", which was never sent: " + now.reason()
                : " refuses " + now.id().key() + " again: " + now.reason();
    }

    private static ObjectNode json(ReadModel model, ParkedDocument document) {
        ObjectNode json = Json.object().put("model", model.name());
        json.setAll(document.id().toJson());
        return json.put("position", document.version().position())
                .put("since", document.since().toString())
                .put("attempts", document.attempts())
                .put("withheld", document.withheld())
                .put("reason", document.reason());
    }

    private static String line(ObjectNode parked) {
        return parked.get("model").textValue() + " in " + parked.get("store").textValue() + " "
                + Json.text(parked.get("key")) + " at position " + parked.get("position") + ", since "
                + parked.get("since").textValue()
                + (parked.get("withheld").booleanValue()
                        ? ", not sent: "
                        : ", refused " + parked.get("attempts") + " times: ")
                + parked.get("reason").textValue();
    }
}
