package io.tidemark.app.run;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.capture.SourceConnections;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
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
            for (String problem : unfit(plan)) {
                problems.add(new TidemarkException(
                        ErrorCode.SOURCE_UNFIT,
                        "The source " + config.source().url() + " cannot be captured: " + problem));
            }
            return plan;
        } catch (TidemarkException e) {
            problems.add(e);
            return null;
        }
    }

    private static List<String> unfit(Plan plan) {
        try (Connection connection = SourceConnections.open(plan.captureSource())) {
            return SourceConnections.problems(plan.capture(), connection);
        } catch (SQLException e) {
            throw SourceConnections.explain(plan.captureSource(), e);
        }
    }
}
