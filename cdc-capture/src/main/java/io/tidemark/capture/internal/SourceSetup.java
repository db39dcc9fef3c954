package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.doctor.SourceFitness;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Requires that the source can be captured, and makes the publication. */
final class SourceSetup {

    private final CaptureSettings settings;
    private final Connection connection;

    SourceSetup(CaptureSettings settings, Connection connection) {
        this.settings = settings;
        this.connection = connection;
    }

    /** The slot as the server has it. */
    record SlotState(Optional<Lsn> confirmed, boolean ours, String walStatus) {}

    /** Requires a fit source, then makes the publication if it is missing; an error names everything to mend. */
    void ensure() throws SQLException {
        SourceFitness fitness = new SourceFitness(settings, connection);
        List<String> problems = fitness.problems();
        if (!problems.isEmpty()) {
            throw unfit(problems);
        }
        if (!fitness.hasPublication()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(fitness.publicationCreation());
            }
        }
    }

    Optional<SlotState> slot() throws SQLException {
        String sql = "SELECT confirmed_flush_lsn, coalesce(wal_status, '') AS wal_status,"
                + " NOT active AND plugin = 'pgoutput' AND database = current_database() AS ours"
                + " FROM pg_replication_slots WHERE slot_name = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, settings.slot());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                Optional<Lsn> confirmed = Optional.ofNullable(row.getString("confirmed_flush_lsn"))
                        .map(Lsn::parse);
                return Optional.of(new SlotState(confirmed, row.getBoolean("ours"), row.getString("wal_status")));
            }
        }
    }

    /** What a capture that begins takes the publication to be. */
    void begin(PublicationGuard publication) throws SQLException {
        publication.begin(connection);
    }

    /** Requires that the publication is as it was. */
    void require(PublicationGuard publication) throws SQLException {
        publication.requireUnchanged(connection);
    }

    /** The source's time. */
    Instant now() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    void dropSlot() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_drop_replication_slot(?)")) {
            statement.setString(1, settings.slot());
            statement.execute();
        }
    }

    /** Waits for the lock that lets one capture at a time make the slot and the first state; held by the connection. */
    void lock() throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_advisory_lock(hashtextextended(?, 0))")) {
            statement.setString(1, "tidemark capture " + settings.slot());
            statement.execute();
        }
    }

    private TidemarkException unfit(List<String> problems) {
        String source = "The source " + settings.source().address() + " cannot be captured: ";
        return new TidemarkException(
                ErrorCode.SOURCE_UNFIT,
                problems.stream().map(problem -> source + problem).collect(Collectors.joining("\n")));
    }
}
