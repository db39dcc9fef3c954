package io.tidemark.capture.internal.doctor;

import static io.tidemark.capture.FindingCode.ENCODING;
import static io.tidemark.capture.FindingCode.IDLE_SLOT_TIMEOUT;
import static io.tidemark.capture.FindingCode.REPLICATION_SLOTS;
import static io.tidemark.capture.FindingCode.SERVER_VERSION;
import static io.tidemark.capture.FindingCode.STANDBY;
import static io.tidemark.capture.FindingCode.WAL_LEVEL;
import static io.tidemark.capture.FindingCode.WAL_SENDERS;
import static io.tidemark.capture.FindingCode.WAL_SENDER_TIMEOUT;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.Finding;
import io.tidemark.capture.FindingCode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The server's version and settings, and what is left of its slots and senders. */
final class ServerExaminer {

    /** Of slots and of senders. */
    private static final long NEEDED = 2;

    static final String RELOAD = "SELECT pg_reload_conf();";

    private static final String SERVER = "server";
    private static final String RESTART = "Then restart the server";
    private static final int OLDEST_VERSION = 140_000;
    private static final int FIRST_UNTESTED_VERSION = 190_000;

    /** Three times the interval in which capture reports. */
    private static final long SHORTEST_SENDER_TIMEOUT_MS = 30_000;

    private static final String SLOTS_TAKEN = "SELECT count(*) FILTER (WHERE slot_name <> ?) FROM pg_replication_slots";

    /** Another capture's on our slot is not counted: ours takes over when that one ends. */
    private static final String SENDERS_TAKEN = """
            SELECT count(*) FROM pg_stat_replication r
            WHERE NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_name = ?)
            """;

    private final CaptureSettings settings;
    private final SourceQuery source;

    ServerExaminer(CaptureSettings settings, SourceQuery source) {
        this.settings = settings;
        this.source = source;
    }

    /** Whether this server can be used at all. */
    List<Finding> version() throws SQLException {
        long version = source.number("SELECT current_setting('server_version_num')");
        String name = "PostgreSQL " + source.text("SELECT current_setting('server_version')");
        if (version < OLDEST_VERSION) {
            return List.of(Finding.error(
                    SERVER_VERSION, SERVER, name + " is too old; capture needs 14 or newer", List.of(), "Upgrade it"));
        }
        if (source.isTrue("SELECT pg_is_in_recovery()")) {
            return List.of(Finding.error(
                    STANDBY, SERVER, "it is a standby (in recovery)", List.of(), "Name the primary in source.url"));
        }
        return List.of(
                version < FIRST_UNTESTED_VERSION
                        ? Finding.ok(SERVER_VERSION, SERVER, name)
                        : Finding.warning(
                                SERVER_VERSION,
                                SERVER,
                                name + " is newer than this version of Tidemark",
                                List.of(),
                                "Look for a newer Tidemark"));
    }

    List<Finding> findings() throws SQLException {
        List<Finding> findings = new ArrayList<>();
        encoding(findings);
        findings.add(walLevel());
        findings.add(left(REPLICATION_SLOTS, "max_replication_slots", "replication slots", SLOTS_TAKEN));
        findings.add(left(WAL_SENDERS, "max_wal_senders", "WAL senders", SENDERS_TAKEN));
        senderTimeout(findings);
        idleTimeout(findings);
        return findings;
    }

    private void encoding(List<Finding> findings) throws SQLException {
        if (source.setting("server_encoding").equals("SQL_ASCII")) {
            findings.add(Finding.error(
                    ENCODING,
                    SERVER,
                    "the database's encoding is SQL_ASCII, so that its text may be anything",
                    List.of(),
                    "Dump it and restore it into a database made with ENCODING 'UTF8' TEMPLATE template0"));
        }
    }

    private Finding walLevel() throws SQLException {
        String level = source.setting("wal_level");
        return level.equals("logical")
                ? Finding.ok(WAL_LEVEL, SERVER, "wal_level is logical")
                : Finding.error(
                        WAL_LEVEL,
                        SERVER,
                        "wal_level is '" + level + "' and must be 'logical'",
                        List.of("ALTER SYSTEM SET wal_level = logical;"),
                        RESTART);
    }

    private Finding left(FindingCode code, String setting, String what, String takenQuery) throws SQLException {
        long taken = source.number(takenQuery, settings.slot());
        long most = Long.parseLong(source.setting(setting));
        if (taken + NEEDED <= most) {
            return Finding.ok(code, SERVER, taken + " of " + most + " " + what + " are taken by others");
        }
        String free = code == REPLICATION_SLOTS
                ? "; or drop a slot that nobody reads: pg_replication_slots shows them"
                : "; or end a standby or backup: pg_stat_replication shows them";
        return Finding.error(
                code,
                SERVER,
                taken + " of " + most + " " + what
                        + " are taken by others, and capture needs two: one for as long as it runs,"
                        + " one while it reads tables",
                List.of("ALTER SYSTEM SET " + setting + " = " + (most + 10) + ";"),
                RESTART + free);
    }

    private void senderTimeout(List<Finding> findings) throws SQLException {
        long timeoutMs = Long.parseLong(source.setting("wal_sender_timeout"));
        if (timeoutMs > 0 && timeoutMs < SHORTEST_SENDER_TIMEOUT_MS) {
            findings.add(Finding.warning(
                    WAL_SENDER_TIMEOUT,
                    SERVER,
                    "wal_sender_timeout is " + timeoutMs + " ms for this role",
                    List.of("ALTER ROLE " + Examination.quotedRole(source) + " SET wal_sender_timeout = '60s';"),
                    ""));
        }
    }

    /** PostgreSQL 18 and newer; in seconds. */
    private void idleTimeout(List<Finding> findings) throws SQLException {
        String timeout = source.setting("idle_replication_slot_timeout");
        if (!timeout.isEmpty() && !timeout.equals("0")) {
            findings.add(Finding.warning(
                    IDLE_SLOT_TIMEOUT,
                    SERVER,
                    "idle_replication_slot_timeout is " + timeout + " s",
                    List.of("ALTER SYSTEM SET idle_replication_slot_timeout = 0;", RELOAD),
                    ""));
        }
    }
}
