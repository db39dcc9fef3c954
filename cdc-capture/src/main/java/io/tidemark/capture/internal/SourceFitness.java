package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.capture.internal.wal.TypeCatalog;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/** Finds what keeps a source from being captured: the server's settings, the role's rights, the tables. Only looks. */
public final class SourceFitness {

    private static final int OLDEST_VERSION = 140_000;

    /** Managed PostgreSQL of AWS gives the right by a role instead of the attribute. */
    private static final String MAY_REPLICATE = """
            SELECT bool_or(rolname = current_user AND (rolsuper OR rolreplication)
                           OR rolname = 'rds_replication' AND pg_has_role(current_user, oid, 'MEMBER'))
            FROM pg_roles
            """;

    private static final String NO_SLOT_LEFT = """
            SELECT count(*) >= current_setting('max_replication_slots')::int
                   AND NOT coalesce(bool_or(slot_name = ?), false)
            FROM pg_replication_slots
            """;

    private static final String MAY_PUBLISH_IN_DATABASE = "SELECT has_database_privilege(current_database(), 'CREATE')";

    private static final String TABLE = """
            SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable,
                   pg_has_role(c.relowner, 'USAGE') AS owned, c.relreplident IN ('d', 'f') AS identified,
                   EXISTS (SELECT FROM pg_constraint k
                           WHERE k.conrelid = c.oid AND k.contype = 'p' AND k.condeferrable) AS deferrable
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ?
            """;

    private final CaptureSettings settings;
    private final Connection connection;
    private final List<String> problems = new ArrayList<>();

    public SourceFitness(CaptureSettings settings, Connection connection) {
        this.settings = settings;
        this.connection = connection;
    }

    /** Everything to mend before capture can start, each with its remedy; empty for a fit source. */
    public List<String> problems() throws SQLException {
        int version = Integer.parseInt(text("SELECT current_setting('server_version_num')"));
        if (version < OLDEST_VERSION) {
            problems.add("PostgreSQL " + text("SELECT current_setting('server_version')")
                    + " is too old; capture needs 14 or newer");
            return problems;
        }
        checkWal();
        boolean ownsTables = checkTables();
        boolean mayCreate = ownsTables && isTrue(MAY_PUBLISH_IN_DATABASE);
        problems.addAll(new PublicationFitness(settings, connection).problems(version, mayCreate));
        checkTypes();
        return List.copyOf(problems);
    }

    private void checkWal() throws SQLException {
        String walLevel = text("SELECT current_setting('wal_level')");
        if (!walLevel.equals("logical")) {
            problems.add("wal_level is '" + walLevel
                    + "' and must be 'logical'. Run: ALTER SYSTEM SET wal_level = logical; then restart the server");
        }
        if (!isTrue(MAY_REPLICATE)) {
            problems.add("user '" + settings.source().user()
                    + "' may not read the WAL. Run as a superuser: ALTER ROLE \""
                    + settings.source().user().replace("\"", "\"\"") + "\" REPLICATION;");
        }
        if (isTrue(NO_SLOT_LEFT, settings.slot())) {
            problems.add("all " + text("SELECT current_setting('max_replication_slots')")
                    + " replication slots are taken. Drop one that nobody reads (pg_replication_slots shows them), or"
                    + " raise max_replication_slots and restart the server");
        }
    }

    private boolean checkTables() throws SQLException {
        List<TableId> unreadable = new ArrayList<>();
        boolean ownsAll = true;
        for (TableId table : settings.tables()) {
            try (PreparedStatement statement = connection.prepareStatement(TABLE)) {
                statement.setString(1, table.schema());
                statement.setString(2, table.name());
                try (ResultSet row = statement.executeQuery()) {
                    if (!row.next() || !row.getBoolean("readable")) {
                        unreadable.add(table);
                    } else {
                        checkKey(table, row);
                        ownsAll &= row.getBoolean("owned");
                    }
                }
            }
        }
        if (!unreadable.isEmpty()) {
            problems.add("user '" + settings.source().user() + "' may not read "
                    + unreadable.stream().map(TableId::toString).collect(Collectors.joining(", "))
                    + ". Grant USAGE on the schema and SELECT on the table; sql/role.sql does it");
        }
        return ownsAll && unreadable.isEmpty();
    }

    /** Deletes and key changes must name the row by its primary key, and keys must not trade places in one statement. */
    private void checkKey(TableId table, ResultSet row) throws SQLException {
        if (!row.getBoolean("identified")) {
            problems.add("deletes in " + table + " do not say which row. Run: ALTER TABLE " + table.quoted()
                    + " REPLICA IDENTITY DEFAULT;");
        }
        if (row.getBoolean("deferrable")) {
            problems.add(
                    "the primary key of " + table + " is DEFERRABLE, so rows may swap keys in one transaction, which"
                            + " this version cannot follow. Make it NOT DEFERRABLE, or leave the table out of source.tables");
        }
    }

    private void checkTypes() throws SQLException {
        TypeCatalog types = TypeCatalog.read(connection);
        for (Relation relation : SourceCatalog.read(connection, new HashSet<>(settings.tables())::contains)) {
            relation.columns().forEach(column -> {
                try {
                    RelationTracker.valueType(types, relation.table(), column);
                } catch (TidemarkException e) {
                    problems.add(String.valueOf(e.getMessage()));
                }
            });
        }
    }

    private boolean isTrue(String query, String... parameters) throws SQLException {
        return text(query, parameters).equals("t");
    }

    private String text(String query, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return String.valueOf(row.getString(1));
            }
        }
    }
}
