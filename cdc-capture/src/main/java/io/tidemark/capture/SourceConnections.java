package io.tidemark.capture;

import io.tidemark.capture.internal.SourceErrors;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;

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

    /** What an error of the source means: what happened, to what, and what to do. */
    public static TidemarkException explain(CaptureSettings.Source source, SQLException e) {
        return SourceErrors.explain(source, e);
    }
}
