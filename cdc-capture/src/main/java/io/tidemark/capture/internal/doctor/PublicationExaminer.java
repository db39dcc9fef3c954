package io.tidemark.capture.internal.doctor;

import static io.tidemark.capture.FindingCode.PUBLICATION;
import static io.tidemark.capture.FindingCode.PUBLICATION_FILTER;
import static io.tidemark.capture.FindingCode.PUBLICATION_GENERATED;
import static io.tidemark.capture.FindingCode.PUBLICATION_OPERATIONS;
import static io.tidemark.capture.FindingCode.PUBLICATION_ROOT;
import static io.tidemark.capture.FindingCode.PUBLICATION_TABLES;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.Finding;
import io.tidemark.capture.FindingCode;
import io.tidemark.model.TableId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds what a publication lacks: whatever it leaves out would be in the snapshot and not in the stream. */
final class PublicationExaminer {

    private static final String EXISTS = "SELECT count(*) > 0 FROM pg_publication WHERE pubname = ?";

    private static final String EVERY_OPERATION =
            "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication WHERE pubname = ?";

    private static final String BY_ROOT = "SELECT pubviaroot FROM pg_publication WHERE pubname = ?";

    /** PostgreSQL 18 and newer: n for none, s for stored. */
    private static final String SENDS_GENERATED =
            "SELECT to_jsonb(p) ->> 'pubgencols' NOT IN ('n', 'false') FROM pg_publication p WHERE pubname = ?";

    private static final String PUBLISHED =
            "SELECT schemaname AS nspname, tablename AS relname FROM pg_publication_tables WHERE pubname = ?";

    private static final String PARTITIONED =
            SourceQuery.about("SELECT nspname, relname FROM captured WHERE relkind = 'p'");

    /** Both are of PostgreSQL 15 and newer. */
    private static final String FILTERED = """
            SELECT n.nspname, c.relname
            FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
            JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE p.pubname = ? AND coalesce(to_jsonb(r) ->> 'prqual', to_jsonb(r) ->> 'prattrs') IS NOT NULL
            ORDER BY 1, 2
            """;

    private final CaptureSettings settings;
    private final SourceQuery source;
    private final String name;
    private final String subject;

    PublicationExaminer(CaptureSettings settings, SourceQuery source) {
        this.settings = settings;
        this.source = source;
        name = settings.publication();
        subject = "publication " + name;
    }

    boolean exists() throws SQLException {
        return source.isTrue(EXISTS, name);
    }

    /** The statement that makes it. */
    static String creation(CaptureSettings settings) {
        return "CREATE PUBLICATION " + settings.publication() + " FOR TABLE " + Examination.quoted(settings.tables())
                + " WITH (publish_via_partition_root = true)";
    }

    /**
     * Everything to mend.
     *
     * @param mayCreate whether capture may make the publication itself
     */
    List<Finding> findings(boolean mayCreate) throws SQLException {
        if (!exists()) {
            return settings.tables().isEmpty() ? List.of() : List.of(missing(mayCreate));
        }
        List<Finding> findings = new ArrayList<>();
        tables(findings);
        if (!source.isTrue(EVERY_OPERATION, name)) {
            findings.add(error(
                    PUBLICATION_OPERATIONS,
                    " leaves out some kinds of changes",
                    set("publish = 'insert, update, delete, truncate'")));
        }
        if (source.isTrue(SENDS_GENERATED, name)) {
            findings.add(error(
                    PUBLICATION_GENERATED, " publishes generated columns", set("publish_generated_columns = none")));
        }
        for (TableId table : source.list(FILTERED, SourceQuery::table, name)) {
            if (settings.tables().contains(table)) {
                findings.add(error(
                        PUBLICATION_FILTER,
                        " has a row filter or a column list for " + table + ", which this version does not support",
                        "BEGIN; ALTER PUBLICATION " + name + " DROP TABLE " + table.quoted() + "; ALTER PUBLICATION "
                                + name + " ADD TABLE " + table.quoted() + "; COMMIT;"));
            }
        }
        return findings;
    }

    private Finding missing(boolean mayCreate) {
        String what = "there is no publication " + name;
        List<String> sql = List.of(creation(settings) + ";");
        return mayCreate
                ? Finding.info(PUBLICATION, subject, what + " yet; the first run makes it", sql, "")
                : Finding.error(
                        PUBLICATION,
                        subject,
                        what + ", and user '" + settings.source().user() + "' may not create it",
                        sql,
                        "As the owner of the tables; sql/role.sql does it");
    }

    private void tables(List<Finding> findings) throws SQLException {
        Set<TableId> published = new HashSet<>(source.list(PUBLISHED, SourceQuery::table, name));
        List<TableId> lacking = new ArrayList<>(settings.tables());
        lacking.removeAll(published);
        if (lacking.isEmpty()) {
            findings.add(Finding.ok(
                    PUBLICATION_TABLES,
                    subject,
                    "holds every captured table, " + settings.tables().size() + " in all"));
        }
        List<TableId> partitioned = source.listOf(lacking, PARTITIONED, SourceQuery::table);
        if (!partitioned.isEmpty() && !source.isTrue(BY_ROOT, name)) {
            findings.add(error(
                    PUBLICATION_ROOT,
                    " does not publish " + Examination.names(partitioned) + " under its own name",
                    set("publish_via_partition_root = true")));
            lacking.removeAll(partitioned);
        }
        if (!lacking.isEmpty()) {
            findings.add(error(
                    PUBLICATION_TABLES,
                    " lacks " + Examination.names(lacking),
                    "ALTER PUBLICATION " + name + " ADD TABLE " + Examination.quoted(lacking) + ";"));
        }
    }

    private String set(String option) {
        return "ALTER PUBLICATION " + name + " SET (" + option + ");";
    }

    private Finding error(FindingCode code, String what, String sql) {
        return Finding.error(code, subject, subject + what, List.of(sql), "");
    }
}
