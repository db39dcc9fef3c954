package io.tidemark.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.reconciliation.Drift;
import io.tidemark.reconciliation.FieldDifference;
import io.tidemark.reconciliation.Repair;
import io.tidemark.reconciliation.Report;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reports of a reconciliation as one HTML page that needs nothing else. Everything from source and stores is escaped. */
final class ReportPage {

    private static final String STYLE = """
            body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #1c2530; }
            table { border-collapse: collapse; margin: .6em 0 1.4em; }
            th, td { text-align: left; vertical-align: top; padding: .3em .8em; border-bottom: 1px solid #d5dbe1; }
            td.n { text-align: right; font-variant-numeric: tabular-nums; }
            code, pre { font: 13px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
            .no_drift { color: #13702b; } .drift { color: #b3261e; } .could_not_tell { color: #8a5a00; }
            """;

    private final Instant at;
    private final List<Report> reports;

    /** @param at when the reconciliation ended */
    ReportPage(Instant at, List<Report> reports) {
        this.at = at;
        this.reports = reports;
    }

    String html() {
        return """
                <!doctype html>
                <html lang="en">
                <head><meta charset="utf-8"><title>Reconciliation</title><style>
                %s</style></head>
                <body>
                <h1>Reconciliation</h1>
                <p>%s</p>
                <table>
                <tr><th>Read model</th><th>Store</th><th>Verdict</th><th>As of tidemark</th><th>Compared</th><th>Drifted</th>\
                <th>Mended</th><th>Undecided</th><th></th></tr>
                %s</table>
                %s</body>
                </html>
                """.formatted(STYLE, at.truncatedTo(ChronoUnit.SECONDS), each(this::line), each(this::details));
    }

    private String each(java.util.function.Function<Report, String> part) {
        return reports.stream().map(part).collect(Collectors.joining());
    }

    private String line(Report report) {
        Repair repair = report.repair();
        return "<tr><td>" + escaped(report.model()) + "</td><td>" + escaped(report.store()) + "</td>"
                + verdict(report) + "<td><code>" + report.tidemark() + "</code></td>" + number(report.compared())
                + number(report.driftCount()) + (repair == null ? "<td></td>" : number(repair.mended()))
                + number(report.undecidedCount()) + "<td>" + escaped(remark(report)) + "</td></tr>\n";
    }

    private static String remark(Report report) {
        boolean both = !report.part().isEmpty() && !report.reason().isEmpty();
        return report.part() + (both ? "; " : "") + report.reason();
    }

    private static String verdict(Report report) {
        String name = report.verdict().name().toLowerCase(Locale.ROOT);
        return "<td class=\"" + name + "\">" + report.verdict().text() + "</td>";
    }

    private static String number(long value) {
        return "<td class=\"n\">" + String.format(Locale.ROOT, "%,d", value) + "</td>";
    }

    private String details(Report report) {
        if (report.driftCount() == 0 && report.undecidedCount() == 0) {
            return "";
        }
        String heading = "<h2>" + escaped(report.model()) + " in " + escaped(report.store()) + "</h2>\n";
        return heading + drift(report) + left(report) + undecided(report);
    }

    private static String drift(Report report) {
        if (report.drift().isEmpty()) {
            return "";
        }
        String rows = report.drift().stream().map(ReportPage::row).collect(Collectors.joining());
        return "<table>\n<tr><th>Drift</th><th>Collection</th><th>Key</th><th>Position</th><th>Where</th><th>Expected</th>"
                + "<th>Found</th></tr>\n" + rows + "</table>\n"
                + more(report.driftCount() - report.drift().size());
    }

    private static String more(long count) {
        return count == 0 ? "" : "<p>… and " + String.format(Locale.ROOT, "%,d", count) + " more</p>\n";
    }

    private static String row(Drift drift) {
        List<FieldDifference> places = drift.differences().isEmpty()
                ? List.of(new FieldDifference("", drift.expected(), drift.found()))
                : drift.differences();
        String what = drift.kind().name().toLowerCase(Locale.ROOT)
                + (drift.parked() == null ? "" : " (parked: " + drift.parked() + ")");
        String head = cell(what, places)
                + cell(drift.collection(), places)
                + code(drift.key().json(), places)
                + code(drift.storedPosition() == 0 ? "" : Long.toString(drift.storedPosition()), places);
        return places.stream()
                .map(ReportPage::place)
                .collect(Collectors.joining("</tr>\n<tr>", "<tr>" + head, "</tr>\n"));
    }

    private static String cell(String text, List<?> places) {
        return "<td rowspan=\"" + places.size() + "\">" + escaped(text) + "</td>";
    }

    private static String code(String text, List<?> places) {
        return "<td rowspan=\"" + places.size() + "\"><code>" + escaped(text) + "</code></td>";
    }

    private static String place(FieldDifference place) {
        return "<td><code>" + escaped(place.path()) + "</code></td><td>" + value(place.expected()) + "</td><td>"
                + value(place.found()) + "</td>";
    }

    /** A whole document is laid out, a field is not. */
    private static String value(@Nullable JsonNode value) {
        if (value == null) {
            return "nothing";
        }
        return "<pre>" + escaped(value instanceof ObjectNode document ? Json.pretty(document) : Json.text(value))
                + "</pre>";
    }

    private static String left(Report report) {
        Repair repair = report.repair();
        if (repair == null || repair.left().isEmpty()) {
            return "";
        }
        return repair.left().stream()
                .map(each -> "<tr><td>" + escaped(each.collection()) + "</td><td><code>"
                        + escaped(each.key().json()) + "</code></td><td>" + escaped(each.reason()) + "</td></tr>\n")
                .collect(Collectors.joining(
                        "",
                        "<table>\n<tr><th>Left as it is</th><th>Key</th><th>Why</th></tr>\n",
                        "</table>\n" + more(repair.leftCount() - repair.left().size())));
    }

    private static String undecided(Report report) {
        if (report.undecided().isEmpty()) {
            return "";
        }
        return report.undecided().stream()
                .map(each -> "<tr><td>" + escaped(each.collection()) + "</td><td><code>"
                        + escaped(each.key().json()) + "</code></td></tr>\n")
                .collect(Collectors.joining(
                        "",
                        "<table>\n<tr><th>Undecided</th><th>Key</th></tr>\n",
                        "</table>\n"
                                + more(report.undecidedCount()
                                        - report.undecided().size())));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
