package io.tidemark.benchmarks;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.model.Json;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.projections.DocumentProjection;
import io.tidemark.projections.TidemarkFollower;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process that assembles a configuration's only read model and delivers it nowhere. Says when it began to read. */
final class TidemarkAssembly {

    /** Milliseconds since 1970. */
    static final String RUNNING_MS = "running_ms";

    private TidemarkAssembly() {}

    /** Configuration, directory for state. */
    public static void main(String[] arguments) throws Exception {
        Plan plan = PlanReader.read(TidemarkConfig.load(Path.of(arguments[0])));
        DocumentModel model = (DocumentModel) plan.models().get(0);
        try (TidemarkFollower tidemarks = new TidemarkFollower(plan.kafkaClient(), plan.topics())) {
            tidemarks.start();
            tidemarks.awaitFirst(Duration.ofMinutes(1));
            try (DocumentProjection projection =
                    new DocumentProjection(model, plan.projections(Path.of(arguments[1])), tidemarks)) {
                var unused = projection.failed().exceptionally(TidemarkAssembly::fail);
                projection.start();
                while (!projection.assembler().isRunning()) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                }
                System.out.println(Json.text(Json.object().put(RUNNING_MS, System.currentTimeMillis())));
                Tally.awaitHarness();
            }
        }
    }

    private static Void fail(Throwable failure) {
        System.err.println("The assembler ended: " + failure.getMessage());
        Runtime.getRuntime().halt(1);
        return null;
    }
}
