package io.tidemark.app.run;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.capture.Finding;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.capture.SourceConnections;
import io.tidemark.capture.SourceDoctor;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What there is to say of a source, and of the systems around it.
 *
 * @param findings about the source, the worst first; none when it does not answer, which is a problem then
 * @param systems what Kafka and the stores say of themselves
 * @param problems of the file against the source's tables, and systems that do not answer
 */
public record Diagnosis(
        TidemarkConfig config, List<Finding> findings, SystemsCheck.Answers systems, ProblemList problems) {

    public Diagnosis {
        findings = List.copyOf(findings);
    }

    /** Examines everything a configuration names, and changes none of it. */
    public static Diagnosis of(TidemarkConfig config) throws InterruptedException {
        ProblemList problems = new ProblemList();
        try (SystemsCheck systems = SystemsCheck.start(config)) {
            List<Finding> findings = examine(config, problems);
            return new Diagnosis(config, findings, systems.await(problems), problems);
        }
    }

    private static List<Finding> examine(TidemarkConfig config, ProblemList problems) {
        try {
            Plan empty = new Plan(config, List.of(), List.of());
            List<Finding> findings = SourceDoctor.examine(empty.capture(tables(empty)), config.source()::captures);
            checkFile(config, problems);
            return findings;
        } catch (TidemarkException e) {
            problems.add(e);
            return List.of();
        }
    }

    private static List<TableId> tables(Plan plan) {
        try (Connection connection = SourceConnections.open(plan.captureSource())) {
            return SourceCatalog.tables(connection).stream()
                    .filter(plan.config().source()::captures)
                    .toList();
        } catch (SQLException e) {
            throw SourceConnections.explain(plan.captureSource(), e);
        }
    }

    /** A source that is unfit is among the findings, with what mends it. */
    private static void checkFile(TidemarkConfig config, ProblemList problems) {
        try {
            PlanReader.read(config);
        } catch (TidemarkException e) {
            if (e.code() != ErrorCode.SOURCE_UNFIT) {
                problems.add(e);
            }
        }
    }

    public boolean hasErrors() {
        return findings.stream().anyMatch(Finding::isError);
    }
}
