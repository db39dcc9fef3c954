package io.tidemark.capture;

import io.tidemark.capture.internal.SourceErrors;
import io.tidemark.capture.internal.SourceFitness;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Ordinary connections to a source, and its errors in words. */
public final class SourceConnections {

    private SourceConnections() {}

    /**
     * Opens one.
     *
     * @throws TidemarkException UNREACHABLE when the source does not answer or refuses the credentials
     */
    public static Connection open(CaptureSettings.Source source) {
        return SourceErrors.connect(source);
    }

    /** Everything that keeps a source from being captured, each with its remedy; changes nothing. */
    public static List<String> problems(CaptureSettings settings, Connection connection) throws SQLException {
        return new SourceFitness(settings, connection).problems();
    }

    /** What an error of the source means: what happened, to what, and what to do. */
    public static TidemarkException explain(CaptureSettings.Source source, SQLException e) {
        return SourceErrors.explain(source, e);
    }
}
