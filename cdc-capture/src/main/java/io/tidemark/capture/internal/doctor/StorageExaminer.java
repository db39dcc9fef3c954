package io.tidemark.capture.internal.doctor;

import static io.tidemark.capture.FindingCode.GENERATED_COLUMNS;
import static io.tidemark.capture.FindingCode.NOT_IN_WAL;
import static io.tidemark.capture.FindingCode.PARTITIONS;
import static io.tidemark.capture.FindingCode.TOAST;

import io.tidemark.capture.ByteSize;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.Finding;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TableId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** How rows are stored: out of line, computed, or outside the WAL. */
final class StorageExaminer {

    /**
     * PostgreSQL moves values out of rows of more than about 2000 bytes, and none of up to 24 bytes. The size of the TOAST
     * table tells whether there is any yet. Columns that our own trigger writes anew are left out.
     */
    private static final String OUT_OF_LINE = SourceQuery.about("""
            SELECT r.nspname, r.relname, r.oid, string_agg(DISTINCT a.columns, ', ') AS columns,
                   max(a.assignments) AS assignments,
                   current_setting('server_version_num')::int >= 180000 AND EXISTS (
                       SELECT FROM pg_attribute g WHERE g.attrelid = r.oid AND g.attgenerated <> '') AS never_full,
                   sum(pg_relation_size(c.reltoastrelid)) AS bytes,
                   array_agg(format('%I.%I', n.nspname, c.relname) ORDER BY n.nspname, c.relname) AS leaves,
                   r.relkind = 'p' AS partitioned
            FROM stored JOIN captured r ON r.oid = stored.root
            JOIN pg_class c ON c.oid = stored.leaf JOIN pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL (
                SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns,
                       string_agg(assignment, ' ' ORDER BY attnum) AS assignments
                FROM (SELECT attname, attnum,
                             format('NEW.%1$I := (NEW.%1$I::text || '''')::%2$s;', attname,
                                    format_type(atttypid, atttypmod)) AS assignment,
                             CASE WHEN atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND atttypmod > 0
                                  THEN 4 + (atttypmod - 4) * pg_encoding_max_length(
                                      (SELECT encoding FROM pg_database WHERE datname = current_database()))
                                  ELSE 1000000 END AS longest
                      FROM pg_attribute
                      WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                        AND attlen = -1 AND attstorage IN ('x', 'e')
                        AND NOT EXISTS (
                            SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
                            WHERE g.tgrelid = c.oid AND g.tgenabled <> 'D' AND p.proname LIKE 'tidemark\\_whole\\_%'
                              AND strpos(p.prosrc, 'NEW.' || quote_ident(attname) || ' :=') > 0)) large
                WHERE longest > 24 HAVING sum(longest) > 2000) a
            WHERE c.reltoastrelid <> 0 AND c.relreplident <> 'f' AND a.columns IS NOT NULL
            GROUP BY r.nspname, r.relname, r.oid, r.relkind ORDER BY 1, 2
            """);

    private static final String GENERATED = SourceQuery.about("""
            SELECT nspname, relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
            FROM captured JOIN pg_attribute a ON a.attrelid = captured.oid AND a.attnum > 0 AND a.attgenerated <> ''
            WHERE NOT a.attisdropped
            GROUP BY 1, 2 ORDER BY 1, 2
            """);

    private static final String PARTITIONED =
            SourceQuery.about("SELECT nspname, relname FROM captured WHERE relkind = 'p' ORDER BY 1, 2");

    private static final String UNLOGGED = """
            SELECT n.nspname, c.relname, c.relkind = 'f' AS is_foreign
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE (c.relpersistence = 'u' AND c.relkind IN ('r', 'p') OR c.relkind = 'f') AND NOT c.relispartition
              AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            ORDER BY 1, 2
            """;

    private static final String UNLOGGED_PARTITIONS = SourceQuery.about("""
            SELECT n.nspname, c.relname, c.relkind = 'f' AS is_foreign,
                   r.nspname AS root_schema, r.relname AS root_name
            FROM stored JOIN captured r ON r.oid = stored.root AND r.relkind = 'p'
            JOIN pg_class c ON c.oid = stored.leaf JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relpersistence = 'u' OR c.relkind = 'f'
            ORDER BY 1, 2
            """);

    private record Unlogged(TableId table, boolean isForeign) {}

    private final CaptureSettings settings;
    private final SourceQuery source;

    StorageExaminer(CaptureSettings settings, SourceQuery source) {
        this.settings = settings;
        this.source = source;
    }

    List<Finding> findings(Predicate<TableId> captured) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        findings.addAll(source.listOf(settings.tables(), OUT_OF_LINE, StorageExaminer::outOfLine));
        findings.addAll(source.listOf(settings.tables(), GENERATED, StorageExaminer::generated));
        findings.addAll(source.listOf(settings.tables(), PARTITIONED, row -> partitioned(SourceQuery.table(row))));
        findings.addAll(source.listOf(settings.tables(), UNLOGGED_PARTITIONS, StorageExaminer::unloggedPartition));
        source.list(UNLOGGED, row -> new Unlogged(SourceQuery.table(row), row.getBoolean("is_foreign"))).stream()
                .filter(each -> captured.test(each.table()))
                .forEach(each -> findings.add(unlogged(each.table(), each.isForeign())));
        return findings;
    }

    private static Finding outOfLine(ResultSet row) throws SQLException {
        TableId table = SourceQuery.table(row);
        long bytes = row.getLong("bytes");
        return Finding.warning(
                TOAST,
                TableExaminer.subject(table),
                "values of " + row.getString("columns") + " in " + table
                        + (bytes > 0
                                ? " are stored out of line (" + ByteSize.text(bytes) + " now)"
                                : " will be stored out of line when they are large; none is now"),
                row.getBoolean("never_full") ? writtenAnew(table, row) : wholeOldRows(row),
                remedy(row));
    }

    private static List<String> wholeOldRows(ResultSet row) throws SQLException {
        String[] leaves = (String[]) row.getArray("leaves").getArray();
        return Arrays.stream(leaves)
                .map(leaf -> "ALTER TABLE " + leaf + " REPLICA IDENTITY FULL;")
                .toList();
    }

    private static String remedy(ResultSet row) throws SQLException {
        if (row.getBoolean("never_full")) {
            return "It has every update send these values. REPLICA IDENTITY FULL is not for a table with generated columns";
        }
        return row.getBoolean("partitioned") ? "New partitions need it too" : "";
    }

    /** A value that was computed anew is stored anew, and so is sent. */
    private static List<String> writtenAnew(TableId table, ResultSet row) throws SQLException {
        String name = "tidemark_whole_" + row.getLong("oid");
        String function = new TableId(table.schema(), name).quoted();
        return List.of(
                "CREATE OR REPLACE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql AS "
                        + SqlIdentifiers.literal("BEGIN " + row.getString("assignments") + " RETURN NEW; END")
                        + ";",
                "CREATE OR REPLACE TRIGGER " + name + " BEFORE UPDATE ON " + table.quoted()
                        + " FOR EACH ROW EXECUTE FUNCTION " + function + "();");
    }

    private static Finding generated(ResultSet row) throws SQLException {
        TableId table = SourceQuery.table(row);
        return Finding.info(
                GENERATED_COLUMNS,
                TableExaminer.subject(table),
                "generated columns of " + table + ": " + row.getString("columns"),
                List.of(),
                "");
    }

    private static Finding partitioned(TableId table) {
        return Finding.info(
                PARTITIONS,
                TableExaminer.subject(table),
                table + " is captured with all its partitions, new ones too",
                List.of(),
                "Attach partitions empty, and DELETE their rows before they are detached, dropped or truncated");
    }

    /** The rest of the table is captured, so its snapshot would hold rows that never change again. */
    private static Finding unloggedPartition(ResultSet row) throws SQLException {
        TableId leaf = SourceQuery.table(row);
        TableId root = new TableId(row.getString("root_schema"), row.getString("root_name"));
        boolean isForeign = row.getBoolean("is_foreign");
        return Finding.error(
                NOT_IN_WAL,
                TableExaminer.subject(root),
                "partition " + leaf + " of " + root + " is " + (isForeign ? "a foreign table" : "unlogged"),
                List.of(
                        isForeign
                                ? "ALTER TABLE " + root.quoted() + " DETACH PARTITION " + leaf.quoted() + ";"
                                : "ALTER TABLE " + leaf.quoted() + " SET LOGGED;"),
                "Or leave " + root + " out of source.tables");
    }

    private static Finding unlogged(TableId table, boolean isForeign) {
        return Finding.warning(
                NOT_IN_WAL,
                TableExaminer.subject(table),
                table + " matches source.tables but is " + (isForeign ? "a foreign table" : "unlogged"),
                isForeign ? List.of() : List.of("ALTER TABLE " + table.quoted() + " SET LOGGED;"),
                (isForeign ? "Name" : "Then publish it. Or name") + " the other tables in source.tables");
    }
}
