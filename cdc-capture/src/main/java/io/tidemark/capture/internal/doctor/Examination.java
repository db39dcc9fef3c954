package io.tidemark.capture.internal.doctor;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.Finding;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** One look at a source. What a capture must have comes first; on a server it cannot use there is nothing else to say. */
public final class Examination {

    private final CaptureSettings settings;
    private final SourceQuery source;

    public Examination(CaptureSettings settings, Connection connection) {
        this.settings = settings;
        this.source = new SourceQuery(connection);
    }

    /** What must be in order before a capture starts; a slot may be missing or be anything. */
    public List<Finding> required() throws SQLException {
        List<Finding> findings = new ArrayList<>(new ServerExaminer(settings, source).version());
        if (findings.stream().anyMatch(Finding::isError)) {
            return findings;
        }
        findings.addAll(new ServerExaminer(settings, source).findings());
        RoleExaminer role = new RoleExaminer(settings, source);
        findings.addAll(role.findings());
        findings.addAll(new TableExaminer(settings, source).findings());
        findings.addAll(new PublicationExaminer(settings, source).findings(role.mayPublish()));
        return sorted(findings);
    }

    /** All of it, the worst first. */
    public List<Finding> everything(Predicate<TableId> captured) throws SQLException {
        List<Finding> findings = new ArrayList<>(required());
        if (findings.stream()
                .anyMatch(finding -> finding.isError() && finding.code().endsExamination())) {
            return findings;
        }
        findings.addAll(new StorageExaminer(settings, source).findings(captured));
        findings.addAll(new SlotExaminer(settings, source).findings());
        findings.addAll(new ActivityExaminer(settings, source).findings());
        findings.addAll(new ClockExaminer(source).findings());
        return sorted(findings);
    }

    private static List<Finding> sorted(List<Finding> findings) {
        return findings.stream().sorted(Comparator.comparing(Finding::severity)).toList();
    }

    /** Whose connection it is, as SQL names it. */
    static String quotedRole(SourceQuery source) throws SQLException {
        return SqlIdentifiers.quote(source.text("SELECT current_user"));
    }

    static String names(List<TableId> tables) {
        return tables.stream().map(TableId::toString).collect(Collectors.joining(", "));
    }

    static String quoted(List<TableId> tables) {
        return tables.stream().map(TableId::quoted).collect(Collectors.joining(", "));
    }
}
