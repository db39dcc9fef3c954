package io.tidemark.capture.internal.doctor;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** What keeps a capture from starting, in words, and the publication it makes itself. */
public final class SourceFitness {

    private final CaptureSettings settings;
    private final Connection connection;

    public SourceFitness(CaptureSettings settings, Connection connection) {
        this.settings = settings;
        this.connection = connection;
    }

    /** Everything to mend before capture can start, each with its remedy; empty for a fit source. */
    public List<String> problems() throws SQLException {
        return new Examination(settings, connection)
                .required().stream()
                        .filter(Finding::isError)
                        .map(Finding::sentence)
                        .toList();
    }

    public boolean hasPublication() throws SQLException {
        return new PublicationExaminer(settings, new SourceQuery(connection)).exists();
    }

    /** The statement that makes the publication. */
    public String publicationCreation() {
        return PublicationExaminer.creation(settings);
    }
}
