package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks that the source can be captured, and makes the publication. */
final class SourceSetup {

    private static final int OLDEST_VERSION = 140_000;

    private final CaptureSettings settings;
    private final Connection connection;

    SourceSetup(CaptureSettings settings, Connection connection) {
        this.settings = settings;
        this.connection = connection;
    }

    /** The slot as the server has it. */
    record SlotState(Optional<Lsn> confirmed, boolean ours, String walStatus) {}

    /** Server version, {@code wal_level} and the publication; each failure says how to mend it. */
    void ensure() throws SQLException {
        int version = Integer.parseInt(setting("server_version_num"));
        if (version < OLDEST_VERSION) {
            throw unfit("PostgreSQL " + setting("server_version") + " is too old; capture needs 14 or newer");
        }
        String walLevel = setting("wal_level");
        if (!walLevel.equals("logical")) {
            throw unfit("wal_level is '" + walLevel
                    + "' and must be 'logical'. Run: ALTER SYSTEM SET wal_level = logical; then restart the server");
        }
        ensurePublication();
        requireUsableKeys();
    }

    /** Deletes and key changes must name the row by its primary key, and keys must not trade places in one statement. */
    private void requireUsableKeys() throws SQLException {
        String sql = """
                SELECT n.nspname, c.relname, c.relreplident IN ('d', 'f') AS identified,
                       EXISTS (SELECT FROM pg_constraint k
                               WHERE k.conrelid = c.oid AND k.contype = 'p' AND k.condeferrable) AS deferrable
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p')
                """;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                TableId table = new TableId(rows.getString("nspname"), rows.getString("relname"));
                if (!settings.tables().contains(table)) {
                    continue;
                }
                if (!rows.getBoolean("identified")) {
                    throw unfit("deletes in " + table + " do not say which row. Run: ALTER TABLE " + table.quoted()
                            + " REPLICA IDENTITY DEFAULT;");
                }
                if (rows.getBoolean("deferrable")) {
                    throw unfit(
                            "the primary key of " + table
                                    + " is DEFERRABLE, so rows may swap keys in one transaction, which this version cannot follow. Make it NOT DEFERRABLE, or leave the table out of source.tables");
                }
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

    void dropSlot() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_drop_replication_slot(?)")) {
            statement.setString(1, settings.slot());
            statement.execute();
        }
    }

    /** Takes the lock that lets one capture at a time make the slot and the snapshot; held by the connection. */
    boolean tryLock() throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_try_advisory_lock(hashtextextended(?, 0))")) {
            statement.setString(1, "tidemark capture " + settings.slot());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private void ensurePublication() throws SQLException {
        Set<TableId> published = publishedTables();
        if (published.isEmpty()) {
            createPublication();
            return;
        }
        List<TableId> missing = settings.tables().stream()
                .filter(table -> !published.contains(table))
                .toList();
        if (!missing.isEmpty()) {
            throw unfit("publication " + settings.publication() + " lacks " + missing + ". Run: ALTER PUBLICATION "
                    + settings.publication() + " ADD TABLE " + quoted(missing) + ";");
        }
        requireEverythingPublished();
    }

    /** What the publication leaves out would be in the snapshot and not in the stream. */
    private void requireEverythingPublished() throws SQLException {
        String operations = "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication"
                + " WHERE pubname = ?";
        if (!ask(operations)) {
            throw unfit("publication " + settings.publication()
                    + " leaves out some kinds of changes. Run: ALTER PUBLICATION " + settings.publication()
                    + " SET (publish = 'insert, update, delete, truncate');");
        }
        if (!setting("server_version_num").startsWith("14")) {
            String whole =
                    "SELECT NOT EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid"
                            + " WHERE p.pubname = ? AND (r.prqual IS NOT NULL OR r.prattrs IS NOT NULL))";
            if (!ask(whole)) {
                throw unfit(
                        "publication " + settings.publication()
                                + " has a row filter or a column list, which this version does not support. Publish whole tables");
            }
        }
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

    private void createPublication() throws SQLException {
        String sql = "CREATE PUBLICATION " + settings.publication() + " FOR TABLE " + quoted(settings.tables())
                + " WITH (publish_via_partition_root = true)";
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                throw unfit("user '" + settings.source().user() + "' may not create the publication. Run as the owner: "
                        + sql + ";");
            }
            throw e;
        }
    }

    private Set<TableId> publishedTables() throws SQLException {
        Set<TableId> tables = new HashSet<>();
        String sql = "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, settings.publication());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    tables.add(new TableId(rows.getString(1), rows.getString(2)));
                }
            }
        }
        return tables;
    }

    private static String quoted(List<TableId> tables) {
        return tables.stream().map(TableId::quoted).collect(Collectors.joining(", "));
    }

    private String setting(String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT current_setting(?)")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private TidemarkException unfit(String what) {
        return new TidemarkException(
                ErrorCode.SOURCE_UNFIT,
                "The source " + settings.source().jdbcUrl().replaceAll("\\?.*", "") + " cannot be captured: " + what);
    }
}
