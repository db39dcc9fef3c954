package io.tidemark.capture.internal.doctor;

import static io.tidemark.capture.FindingCode.ROLE_MESSAGES;
import static io.tidemark.capture.FindingCode.ROLE_READS;
import static io.tidemark.capture.FindingCode.ROLE_REPLICATION;
import static io.tidemark.capture.FindingCode.ROW_SECURITY;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.Finding;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TableId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The rights of the role capture signs in with. */
final class RoleExaminer {

    /** Managed PostgreSQL of AWS gives the right by a role instead of the attribute. */
    private static final String MAY_REPLICATE = """
            SELECT bool_or(rolname = current_user AND (rolsuper OR rolreplication)
                           OR rolname = 'rds_replication' AND pg_has_role(current_user, oid, 'MEMBER'))
            FROM pg_roles
            """;

    /** With the fourth parameter that it has from PostgreSQL 17 on. */
    private static final String MESSAGE_NOT_ALLOWED = """
            SELECT oid::regprocedure FROM pg_proc
            WHERE proname = 'pg_logical_emit_message' AND pronamespace = 'pg_catalog'::regnamespace
              AND proargtypes[2] = 'text'::regtype AND NOT has_function_privilege(oid, 'EXECUTE')
            """;

    private static final String MAY_CREATE = "SELECT has_database_privilege(current_database(), 'CREATE')";

    private static final String TABLES = SourceQuery.about("""
            SELECT nspname, relname, has_schema_privilege(relnamespace, 'USAGE') AS usable,
                   has_table_privilege(oid, 'SELECT') AS readable, pg_has_role(relowner, 'USAGE') AS owned,
                   row_security_active(oid) AS secured,
                   EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = captured.oid AND NOT p.polpermissive
                           AND p.polcmd IN ('r', '*')) AS restricted,
                   EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = captured.oid AND p.polpermissive
                           AND p.polcmd IN ('r', '*') AND pg_get_expr(p.polqual, p.polrelid) = 'true'
                           AND EXISTS (SELECT FROM unnest(p.polroles) AS member(oid)
                                       WHERE member.oid = 0 OR pg_has_role(member.oid, 'MEMBER'))) AS shown
            FROM captured ORDER BY nspname, relname
            """);

    private record Rights(
            TableId table,
            boolean usable,
            boolean readable,
            boolean owned,
            boolean secured,
            boolean restricted,
            boolean shown) {}

    private final CaptureSettings settings;
    private final SourceQuery source;

    RoleExaminer(CaptureSettings settings, SourceQuery source) {
        this.settings = settings;
        this.source = source;
    }

    List<Finding> findings() throws SQLException {
        List<Finding> findings = new ArrayList<>();
        findings.add(replication());
        messages(findings);
        List<Rights> rights = rights();
        findings.add(reads(rights));
        for (Rights each : rights) {
            if (each.secured() && each.readable() && (each.restricted() || !each.shown())) {
                findings.add(hidden(each));
            }
        }
        return findings;
    }

    /** Whether capture may make the publication itself. */
    boolean mayPublish() throws SQLException {
        List<Rights> rights = rights();
        return rights.size() == settings.tables().size()
                && rights.stream().allMatch(Rights::owned)
                && source.isTrue(MAY_CREATE);
    }

    private List<Rights> rights() throws SQLException {
        return source.listOf(
                settings.tables(),
                TABLES,
                row -> new Rights(
                        SourceQuery.table(row),
                        row.getBoolean("usable"),
                        row.getBoolean("readable"),
                        row.getBoolean("owned"),
                        row.getBoolean("secured"),
                        row.getBoolean("restricted"),
                        row.getBoolean("shown")));
    }

    private String subject() {
        return "role " + settings.source().user();
    }

    private String user() {
        return "user '" + settings.source().user() + "'";
    }

    private Finding replication() throws SQLException {
        return source.isTrue(MAY_REPLICATE)
                ? Finding.ok(ROLE_REPLICATION, subject(), "may read the WAL")
                : Finding.error(
                        ROLE_REPLICATION,
                        subject(),
                        user() + " may not read the WAL",
                        List.of("ALTER ROLE " + Examination.quotedRole(source) + " REPLICATION;"),
                        "As a superuser; managed services grant a role of theirs instead");
    }

    private void messages(List<Finding> findings) throws SQLException {
        String function = source.text(MESSAGE_NOT_ALLOWED);
        if (!function.isEmpty()) {
            findings.add(Finding.error(
                    ROLE_MESSAGES,
                    subject(),
                    user() + " may not call " + function,
                    List.of("GRANT EXECUTE ON FUNCTION " + function + " TO " + Examination.quotedRole(source) + ";"),
                    ""));
        }
    }

    private Finding reads(List<Rights> rights) throws SQLException {
        List<TableId> unreadable = new ArrayList<>(settings.tables());
        rights.stream()
                .filter(each -> each.usable() && each.readable())
                .forEach(each -> unreadable.remove(each.table()));
        if (unreadable.isEmpty()) {
            return Finding.ok(ROLE_READS, subject(), "reads every captured table, " + rights.size() + " in all");
        }
        String role = Examination.quotedRole(source);
        List<String> sql = new ArrayList<>();
        rights.stream()
                .filter(each -> !each.usable())
                .map(each -> each.table().schema())
                .distinct()
                .forEach(schema ->
                        sql.add("GRANT USAGE ON SCHEMA " + SqlIdentifiers.quote(schema) + " TO " + role + ";"));
        List<TableId> ungranted = rights.stream()
                .filter(each -> !each.readable())
                .map(Rights::table)
                .toList();
        if (!ungranted.isEmpty()) {
            sql.add("GRANT SELECT ON TABLE " + Examination.quoted(ungranted) + " TO " + role + ";");
        }
        return Finding.error(
                ROLE_READS,
                subject(),
                user() + " may not read " + Examination.names(unreadable),
                sql,
                "sql/role.sql grants it for a whole publication");
    }

    /** A restrictive policy is over every other, so only the attribute helps. */
    private Finding hidden(Rights rights) throws SQLException {
        String role = Examination.quotedRole(source);
        String sql = rights.restricted()
                ? "ALTER ROLE " + role + " BYPASSRLS;"
                : "CREATE POLICY tidemark_reads ON " + rights.table().quoted() + " FOR SELECT TO " + role
                        + " USING (true);";
        return Finding.error(
                ROW_SECURITY,
                "table " + rights.table(),
                "row-level security may hide rows of " + rights.table() + " from " + user(),
                List.of(sql),
                "");
    }
}
