package io.tidemark.app.run;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.capture.Finding;
import io.tidemark.capture.SourceDoctor;
import io.tidemark.model.TidemarkException;
import org.jspecify.annotations.Nullable;

/**
 * A plan whose source is fit and whose systems answer.
 *
 * @param systems what Kafka and the stores say of themselves
 */
public record Inspection(Plan plan, SystemsCheck.Answers systems) {

    /**
     * Holds a configuration against its source, Kafka and every store, and changes none of them.
     *
     * @throws TidemarkException with a line for each problem of any of them
     */
    public static Inspection of(TidemarkConfig config) throws InterruptedException {
        ProblemList problems = new ProblemList();
        try (SystemsCheck systems = SystemsCheck.start(config)) {
            Plan plan = plan(config, problems);
            SystemsCheck.Answers answers = systems.await(problems);
            problems.throwIfAny();
            if (plan == null) {
                throw new IllegalStateException("No plan and no problem");
            }
            return new Inspection(plan, answers);
        }
    }

    private static @Nullable Plan plan(TidemarkConfig config, ProblemList problems) {
        try {
            Plan plan = PlanReader.read(config);
            for (Finding error : SourceDoctor.errors(plan.capture(), config.source()::captures)) {
                problems.add(new TidemarkException(
                        error.code().errorCode(),
                        "The source " + config.source().url() + " cannot be captured: " + error.sentence()));
            }
            return plan;
        } catch (TidemarkException e) {
            problems.add(e);
            return null;
        }
    }
}
