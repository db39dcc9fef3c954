package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds what a publication lacks: whatever it leaves out would be in the snapshot and not in the stream. Only looks. */
final class PublicationFitness {

    private static final String EXISTS = "SELECT count(*) > 0 FROM pg_publication WHERE pubname = ?";

    private static final String EVERY_OPERATION =
            "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication WHERE pubname = ?";

    private static final String WHOLE_TABLES = """
            SELECT NOT EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
                               WHERE p.pubname = ? AND (r.prqual IS NOT NULL OR r.prattrs IS NOT NULL))
            """;

    private final CaptureSettings settings;
    private final Connection connection;

    PublicationFitness(CaptureSettings settings, Connection connection) {
        this.settings = settings;
        this.connection = connection;
    }

    static boolean exists(CaptureSettings settings, Connection connection) throws SQLException {
        return new PublicationFitness(settings, connection).ask(EXISTS);
    }

    /** The statement that makes it. */
    static String creation(CaptureSettings settings) {
        return "CREATE PUBLICATION " + settings.publication() + " FOR TABLE " + quoted(settings.tables())
                + " WITH (publish_via_partition_root = true)";
    }

    /**
     * Everything to mend.
     *
     * @param mayCreate whether capture may make the publication itself
     */
    List<String> problems(int serverVersion, boolean mayCreate) throws SQLException {
        String name = settings.publication();
        List<String> problems = new ArrayList<>();
        if (!ask(EXISTS)) {
            if (!mayCreate) {
                problems.add("there is no publication " + name + ", and user '"
                        + settings.source().user() + "' may not create it. Run as the owner of the tables: "
                        + creation(settings) + ";");
            }
            return problems;
        }
        List<TableId> missing = missing();
        if (!missing.isEmpty()) {
            problems.add("publication " + name + " lacks "
                    + missing.stream().map(TableId::toString).collect(Collectors.joining(", "))
                    + ". Run: ALTER PUBLICATION " + name + " ADD TABLE " + quoted(missing) + ";");
        }
        if (!ask(EVERY_OPERATION)) {
            problems.add("publication " + name + " leaves out some kinds of changes. Run: ALTER PUBLICATION " + name
                    + " SET (publish = 'insert, update, delete, truncate');");
        }
        if (serverVersion >= 150_000 && !ask(WHOLE_TABLES)) {
            problems.add("publication " + name + " has a row filter or a column list, which this version does not"
                    + " support. Publish whole tables");
        }
        return problems;
    }

    private List<TableId> missing() throws SQLException {
        Set<TableId> published = new HashSet<>();
        String sql = "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, settings.publication());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    published.add(new TableId(rows.getString(1), rows.getString(2)));
                }
            }
        }
        return settings.tables().stream()
                .filter(table -> !published.contains(table))
                .toList();
    }

    /** The answer of a query about the publication; no row is no. */
    private boolean ask(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, settings.publication());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private static String quoted(Collection<TableId> tables) {
        return tables.stream().map(TableId::quoted).collect(Collectors.joining(", "));
    }
}
