package io.tidemark.capture.internal.doctor;

import static io.tidemark.capture.FindingCode.COLUMN_TYPE;
import static io.tidemark.capture.FindingCode.DEFERRABLE_KEY;
import static io.tidemark.capture.FindingCode.EMPTY_ENUM;
import static io.tidemark.capture.FindingCode.GENERATED_IDENTITY;
import static io.tidemark.capture.FindingCode.INHERITANCE;
import static io.tidemark.capture.FindingCode.PRIMARY_KEY;
import static io.tidemark.capture.FindingCode.REPLICA_IDENTITY;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.Finding;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.capture.internal.wal.TypeCatalog;
import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** What a table must have to be captured: a key that names its rows, an identity that sends it, types that print. */
final class TableExaminer {

    /** With the columns that a key could be made of: those of a unique index over columns that are never null. */
    private static final String KEYLESS = SourceQuery.about("""
            SELECT nspname, relname, (
                SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.place)
                FROM (SELECT i.* FROM pg_index i
                      WHERE i.indrelid = captured.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
                        AND i.indexprs IS NULL AND i.indimmediate
                        AND NOT EXISTS (SELECT FROM pg_attribute n WHERE n.attrelid = i.indrelid
                                        AND n.attnum = ANY (i.indkey::int2[]) AND NOT n.attnotnull)
                      ORDER BY i.indnkeyatts, i.indexrelid LIMIT 1) best,
                     unnest(best.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                JOIN pg_attribute a ON a.attnum = k.attnum
                WHERE a.attrelid = best.indrelid AND k.place <= best.indnkeyatts) AS unique_columns
            FROM captured
            WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = captured.oid AND k.contype = 'p')
            ORDER BY nspname, relname
            """);

    private static final String DEFERRABLE = SourceQuery.about("""
            SELECT nspname, relname, quote_ident(k.conname) AS constraint_name, pg_get_constraintdef(k.oid) AS definition
            FROM captured JOIN pg_constraint k ON k.conrelid = captured.oid AND k.contype = 'p' AND k.condeferrable
            ORDER BY nspname, relname
            """);

    /** An identity by an index that is gone is none. */
    private static final String UNIDENTIFIED = SourceQuery.about("""
            SELECT n.nspname, c.relname, c.relreplident
            FROM stored JOIN pg_class c ON c.oid = stored.leaf JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relreplident = 'n'
               OR c.relreplident = 'i' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid
                                                       AND i.indisreplident AND i.indisprimary)
            ORDER BY 1, 2
            """);

    private static final String CHILDREN = SourceQuery.about("""
            SELECT p.nspname AS parent_schema, p.relname AS parent_name, n.nspname, c.relname
            FROM captured p JOIN pg_inherits i ON i.inhparent = p.oid AND p.relkind = 'r'
            JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            ORDER BY 1, 2, 3, 4
            """);

    /** From PostgreSQL 18 on: old rows hold generated columns, which are not published. */
    private static final String GENERATED_IN_OLD_ROWS = SourceQuery.about("""
            SELECT DISTINCT n.nspname, c.relname
            FROM stored JOIN pg_class c ON c.oid = stored.leaf JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attgenerated <> ''
            WHERE c.relreplident = 'f' AND current_setting('server_version_num')::int >= 180000
            ORDER BY 1, 2
            """);

    private static final String ENUMS_WITHOUT_LABELS = """
            SELECT t.oid::regtype::text, t.typtype = 'd' AS is_domain
            FROM pg_type t
            WHERE t.typcategory = 'E' AND NOT EXISTS (SELECT FROM pg_enum e WHERE e.enumtypid = t.oid)
            ORDER BY 1
            """;

    private final CaptureSettings settings;
    private final SourceQuery source;

    TableExaminer(CaptureSettings settings, SourceQuery source) {
        this.settings = settings;
        this.source = source;
    }

    List<Finding> findings() throws SQLException {
        List<Finding> findings = new ArrayList<>();
        List<TableId> tables = settings.tables();
        findings.addAll(source.listOf(
                tables,
                KEYLESS,
                row -> keyless(
                        SourceQuery.table(row),
                        row.getString("unique_columns") == null ? "" : row.getString("unique_columns"))));
        findings.addAll(source.listOf(
                tables,
                DEFERRABLE,
                row -> deferrable(
                        SourceQuery.table(row), row.getString("constraint_name"), row.getString("definition"))));
        findings.addAll(source.listOf(
                tables, UNIDENTIFIED, row -> unidentified(SourceQuery.table(row), row.getString("relreplident"))));
        findings.addAll(source.listOf(
                tables,
                CHILDREN,
                row -> child(
                        new TableId(row.getString("parent_schema"), row.getString("parent_name")),
                        SourceQuery.table(row))));
        findings.addAll(
                source.listOf(tables, GENERATED_IN_OLD_ROWS, row -> generatedInOldRows(SourceQuery.table(row))));
        findings.addAll(
                source.list(ENUMS_WITHOUT_LABELS, row -> emptyEnum(row.getString(1), row.getBoolean("is_domain"))));
        types(findings);
        return findings;
    }

    private static Finding keyless(TableId table, String uniqueColumns) {
        String add = "ALTER TABLE " + table.quoted() + " ADD ";
        return uniqueColumns.isEmpty()
                ? Finding.error(
                        PRIMARY_KEY,
                        subject(table),
                        table + " has no primary key, and no columns that are known to be unique",
                        List.of(add + "COLUMN tidemark_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;"),
                        "It rewrites the table. Or leave the table out of source.tables")
                : Finding.error(
                        PRIMARY_KEY,
                        subject(table),
                        table + " has no primary key",
                        List.of(add + "PRIMARY KEY (" + uniqueColumns + ");"),
                        "Or leave the table out of source.tables");
    }

    private static Finding deferrable(TableId table, String constraint, String definition) {
        String immediate = definition.replace(" INITIALLY DEFERRED", "").replace(" DEFERRABLE", "");
        return Finding.error(
                DEFERRABLE_KEY,
                subject(table),
                "the primary key of " + table + " is DEFERRABLE",
                List.of("ALTER TABLE " + table.quoted() + " DROP CONSTRAINT " + constraint + ", ADD CONSTRAINT "
                        + constraint + " " + immediate + ";"),
                "Or leave the table out of source.tables");
    }

    private static Finding unidentified(TableId table, String identity) {
        return Finding.error(
                REPLICA_IDENTITY,
                subject(table),
                "deletes in " + table + " do not say which row: its replica identity is "
                        + (identity.equals("n") ? "NOTHING" : "an index that is not its primary key"),
                List.of("ALTER TABLE " + table.quoted() + " REPLICA IDENTITY DEFAULT;"),
                "");
    }

    private static Finding generatedInOldRows(TableId table) {
        return Finding.error(
                GENERATED_IDENTITY,
                subject(table),
                table + " has generated columns and REPLICA IDENTITY FULL",
                List.of("ALTER TABLE " + table.quoted() + " REPLICA IDENTITY DEFAULT;"),
                "Or leave the table out of source.tables");
    }

    private static Finding emptyEnum(String type, boolean domain) {
        return domain
                ? Finding.error(
                        EMPTY_ENUM,
                        "type " + type,
                        type + " is a domain over an enum",
                        List.of(),
                        "Use the enum in place of the domain, and drop the domain")
                : Finding.error(
                        EMPTY_ENUM,
                        "type " + type,
                        type + " is an enum without labels",
                        List.of("ALTER TYPE " + type + " ADD VALUE 'unused';"),
                        "Or drop it, if nobody uses it");
    }

    private static Finding child(TableId parent, TableId child) {
        return Finding.error(
                INHERITANCE,
                subject(parent),
                child + " inherits from " + parent,
                List.of("ALTER TABLE " + child.quoted() + " NO INHERIT " + parent.quoted() + ";"),
                "Or leave " + parent + " out of source.tables");
    }

    private void types(List<Finding> findings) throws SQLException {
        TypeCatalog types = TypeCatalog.read(source.connection());
        for (Relation relation : SourceCatalog.read(source.connection(), new HashSet<>(settings.tables())::contains)) {
            for (Column column : relation.columns()) {
                try {
                    types.valueType(column.typeOid());
                } catch (TidemarkException e) {
                    findings.add(unprintable(relation.table(), column, String.valueOf(e.getMessage())));
                }
            }
        }
    }

    private static Finding unprintable(TableId table, Column column, String why) {
        String name = SqlIdentifiers.quote(column.name());
        return Finding.error(
                COLUMN_TYPE,
                subject(table),
                "Column '" + column.name() + "' of " + table + " has type " + column.type()
                        + ", which this version does not capture: " + why,
                List.of("ALTER TABLE " + table.quoted() + " ALTER COLUMN " + name + " TYPE jsonb USING to_jsonb(" + name
                        + ");"),
                "It changes what applications read and write. Or leave the table out of source.tables");
    }

    static String subject(TableId table) {
        return "table " + table;
    }
}
