package io.tidemark.capture;

import io.tidemark.capture.internal.SourceErrors;
import io.tidemark.capture.internal.doctor.Examination;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Predicate;

/** Examines a source from its settings to its disk, and says what mends each finding. Only looks. */
public final class SourceDoctor {

    private SourceDoctor() {}

    /**
     * Everything there is to say, the worst first. Its errors are those that keep a capture from starting.
     *
     * @param settings with every permanent table that is to be captured, with a primary key or not
     * @param captured whether the configuration means a table, to find those that cannot be captured at all
     * @throws TidemarkException UNREACHABLE when the source does not answer or refuses the credentials
     */
    public static List<Finding> examine(CaptureSettings settings, Predicate<TableId> captured) {
        try (Connection connection = SourceErrors.connect(settings.source())) {
            return new Examination(settings, connection).everything(captured);
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
    }

    /** Those findings that keep a capture from starting. */
    public static List<Finding> errors(CaptureSettings settings, Predicate<TableId> captured) {
        return examine(settings, captured).stream().filter(Finding::isError).toList();
    }
}
