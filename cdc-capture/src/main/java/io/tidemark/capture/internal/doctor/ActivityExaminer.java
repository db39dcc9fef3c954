package io.tidemark.capture.internal.doctor;

import static io.tidemark.capture.FindingCode.OPEN_TRANSACTION;
import static io.tidemark.capture.FindingCode.PREPARED_TRANSACTION;
import static io.tidemark.capture.FindingCode.ROLE_STATISTICS;
import static io.tidemark.capture.FindingCode.WRAPAROUND;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.Finding;
import io.tidemark.model.SqlIdentifiers;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What other sessions hold back, and how many transaction ids are left. */
final class ActivityExaminer {

    /** Of about two thousand million; PostgreSQL itself warns when 40 million are left. */
    private static final long MANY_IDS = 1_000_000_000;

    /** Idle is suspicious soon, working is not. A slot of this server waits for writers of every database. */
    private static final String OPEN = """
            SELECT pid, coalesce(usename, '?') AS usename, state, floor(extract(epoch FROM now() - xact_start)) AS seconds
            FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
              AND (state LIKE 'idle in transaction%' AND now() - xact_start > interval '5 seconds'
                     AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)
                   OR backend_xid IS NOT NULL AND now() - xact_start > interval '1 minute')
            ORDER BY xact_start
            """;

    private static final String SEES_SESSIONS = "SELECT pg_has_role('pg_read_all_stats', 'USAGE')";

    private static final String PREPARED = """
            SELECT gid, owner, database, database = current_database() AS here,
                   floor(extract(epoch FROM now() - prepared)) AS seconds
            FROM pg_prepared_xacts ORDER BY prepared
            """;

    private static final String DATABASE_AGE =
            "SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()";

    private static final String SLOT_AGE =
            "SELECT coalesce(age(catalog_xmin), 0) FROM pg_replication_slots WHERE slot_name = ?";

    private final CaptureSettings settings;
    private final SourceQuery source;

    ActivityExaminer(CaptureSettings settings, SourceQuery source) {
        this.settings = settings;
        this.source = source;
    }

    List<Finding> findings() throws SQLException {
        List<Finding> findings = new ArrayList<>();
        if (!source.isTrue(SEES_SESSIONS)) {
            findings.add(Finding.info(
                    ROLE_STATISTICS,
                    "role " + settings.source().user(),
                    "may not see what other sessions do",
                    List.of("GRANT pg_read_all_stats TO " + Examination.quotedRole(source) + ";"),
                    "Only the doctor uses it"));
        }
        findings.addAll(source.list(OPEN, ActivityExaminer::open));
        findings.addAll(source.list(PREPARED, ActivityExaminer::prepared));
        ids(findings);
        return findings;
    }

    private static Finding open(ResultSet row) throws SQLException {
        long pid = row.getLong("pid");
        return Finding.warning(
                OPEN_TRANSACTION,
                "session " + pid,
                "session " + pid + " of " + row.getString("usename") + " is '" + row.getString("state") + "' for "
                        + row.getLong("seconds") + " s",
                List.of("SELECT pg_terminate_backend(" + pid + ");"),
                "It takes back what the session did. idle_in_transaction_session_timeout prevents it");
    }

    private static Finding prepared(ResultSet row) throws SQLException {
        String gid = row.getString("gid");
        return Finding.warning(
                PREPARED_TRANSACTION,
                "transaction " + gid,
                "prepared transaction " + gid + " of " + row.getString("owner") + " waits for " + row.getLong("seconds")
                        + " s to be committed",
                List.of("ROLLBACK PREPARED " + SqlIdentifiers.literal(gid) + ";"),
                (row.getBoolean("here") ? "" : "In database " + row.getString("database") + ". ")
                        + "Or COMMIT PREPARED: its transaction manager knows which");
    }

    private void ids(List<Finding> findings) throws SQLException {
        long used = source.number(DATABASE_AGE);
        findings.add(
                used > MANY_IDS
                        ? Finding.warning(
                                WRAPAROUND,
                                "database",
                                "the oldest transaction id of this database is " + used + " transactions old, of 2^31",
                                List.of("VACUUM (FREEZE);"),
                                "First end what holds vacuum back: old sessions, prepared transactions, unread slots")
                        : Finding.ok(
                                WRAPAROUND, "database", "its oldest transaction id is " + used + " transactions old"));
        String held = source.text(SLOT_AGE, settings.slot());
        if (!held.isEmpty() && Long.parseLong(held) > Long.parseLong(source.setting("autovacuum_freeze_max_age"))) {
            findings.add(Finding.warning(
                    WRAPAROUND,
                    "slot " + settings.slot(),
                    "slot " + settings.slot() + " keeps the catalogue as it was " + held + " transactions ago",
                    List.of(),
                    "Let capture run until it has caught up, then VACUUM (FREEZE)"));
        }
    }
}
