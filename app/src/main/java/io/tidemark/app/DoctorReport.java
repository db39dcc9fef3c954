package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.run.Diagnosis;
import io.tidemark.app.run.SystemsCheck;
import io.tidemark.capture.Finding;
import io.tidemark.capture.Finding.Severity;
import io.tidemark.capture.FindingCode;
import io.tidemark.model.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code tidemark doctor} prints. */
record DoctorReport(Diagnosis diagnosis) {

    private static final String INDENT = "         ";

    /** Findings of one kind stand together, and why they matter is said once for all of them. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        @Nullable FindingCode before = null;
        for (Finding finding : sorted()) {
            if (finding.severity() != Severity.OK && finding.code() != before) {
                lines.add("");
                lines.add(finding.code().printed() + ": " + finding.code().why() + ".");
            }
            if (finding.severity() == Severity.OK && before != null) {
                lines.add("");
            }
            before = finding.severity() == Severity.OK ? null : finding.code();
            add(lines, finding);
        }
        systems(lines);
        lines.add("");
        lines.add(diagnosis.config().source().url() + ": " + count(Severity.ERROR) + " errors, "
                + count(Severity.WARNING) + " warnings");
        return lines;
    }

    private List<Finding> sorted() {
        return diagnosis.findings().stream()
                .sorted(Comparator.comparing(Finding::severity).thenComparing(Finding::code))
                .toList();
    }

    private static void add(List<String> lines, Finding finding) {
        lines.add(pad(finding.severity().word())
                + (finding.severity() == Severity.OK ? finding.subject() + ": " : "")
                + finding.what());
        finding.sql().forEach(sql -> lines.add(INDENT + "  " + sql));
        if (!finding.remedy().isEmpty()) {
            lines.add(INDENT + finding.remedy() + (finding.remedy().endsWith(";") ? "" : "."));
        }
    }

    private void systems(List<String> lines) {
        SystemsCheck.Answers systems = diagnosis.systems();
        if (!systems.kafka().isEmpty()) {
            lines.add(pad("ok") + "kafka: " + systems.kafka());
        }
        systems.stores().forEach((name, answer) -> {
            if (!answer.isEmpty()) {
                lines.add(pad("ok") + "store " + name + ": " + answer);
            }
        });
    }

    private static String pad(String word) {
        return word + " ".repeat(INDENT.length() - word.length());
    }

    private long count(Severity severity) {
        return diagnosis.findings().stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }

    ObjectNode json() {
        ObjectNode json = Json.object();
        json.put("source", diagnosis.config().source().url().toString())
                .put("errors", count(Severity.ERROR))
                .put("warnings", count(Severity.WARNING));
        ArrayNode findings = json.putArray("findings");
        sorted().forEach(finding -> put(findings.addObject(), finding));
        json.put("kafka", answer(diagnosis.systems().kafka()));
        ObjectNode stores = json.putObject("stores");
        diagnosis.systems().stores().forEach((name, answer) -> stores.put(name, answer(answer)));
        ArrayNode problems = json.putArray("problems");
        diagnosis.problems().messages().forEach(problems::add);
        return json;
    }

    private static @Nullable String answer(String answer) {
        return answer.isEmpty() ? null : answer;
    }

    private static void put(ObjectNode json, Finding finding) {
        json.put("severity", finding.severity().word())
                .put("code", finding.code().printed())
                .put("subject", finding.subject())
                .put("what", finding.what())
                .put("why", finding.code().why());
        ArrayNode sql = json.putArray("sql");
        finding.sql().forEach(sql::add);
        json.put("remedy", finding.remedy());
    }
}
