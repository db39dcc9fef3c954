package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.reconciliation.Drift;
import io.tidemark.reconciliation.DriftKind;
import io.tidemark.reconciliation.FieldDifference;
import io.tidemark.reconciliation.Repair;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Undecided;
import io.tidemark.reconciliation.Verdict;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReportPageTest {

    private static final Instant AT = Instant.parse("2026-11-23T01:02:03.456Z");
    private static final TidemarkRef TIDEMARK = new TidemarkRef(42, new Lsn(0x16B3748));
    private static final RowKey EVIL = new RowKey("{\"id\":\"<script>alert(1)</script>&\"}");

    @Test
    void what_drifted_is_there_field_by_field_with_both_sides() {
        Drift different = new Drift(
                DriftKind.DIFFERENT,
                "orders",
                new RowKey("{\"id\":1}"),
                41,
                Json.object(),
                Json.object(),
                List.of(
                        new FieldDifference("lines[2].sku", Json.parse("\"tea\""), Json.parse("\"milk\"")),
                        new FieldDifference("total", Json.parse("1.10"), null)),
                "the store said no");
        Drift missing = new Drift(
                DriftKind.MISSING,
                "orders",
                new RowKey("{\"id\":2}"),
                0,
                Json.object().put("id", 2),
                null,
                List.of(),
                null);

        String page = page(report(List.of(different, missing), 1_002, null));

        assertThat(page)
                .contains("<p>2026-11-23T01:02:03Z</p>", "42@0/16B3748", "<td class=\"drift\">drift</td>", "1,002")
                .contains(
                        "different (parked: the store said no)", "lines[2].sku", "&quot;tea&quot;", "&quot;milk&quot;")
                .contains("<td><code>total</code></td><td><pre>1.10</pre></td><td>nothing</td>")
                .contains("missing", "{&quot;id&quot;:2}", "… and 1,000 more");
    }

    @Test
    void nothing_that_source_or_store_say_becomes_markup() throws Exception {
        Drift extra = new Drift(
                DriftKind.EXTRA, "<b>", EVIL, 7, null, Json.object().put("</pre>", "<img src=x>"), List.of(), "<i>");
        Repair repair = new Repair(0, 0, 0, List.of(new Repair.Left("<b>", EVIL, "<u>")), 1);

        String page = page(report(List.of(extra), 1, repair));

        assertThat(page).doesNotContain("<script", "<img", "<b>", "<i>", "<u>").contains("&lt;script&gt;");
        requireWellFormed(page);
    }

    @Test
    void what_could_not_be_told_says_why_and_of_what() {
        Report undecided = new Report(
                "orders",
                "search",
                Verdict.COULD_NOT_TELL,
                TIDEMARK,
                "only the 3 keys asked for",
                2,
                0,
                List.of(),
                1,
                List.of(new Undecided("orders", new RowKey("{\"id\":3}"))),
                "always in flight",
                null);

        assertThat(page(undecided))
                .contains("could not tell", "only the 3 keys asked for; always in flight", "{&quot;id&quot;:3}");
    }

    private static String page(Report report) {
        return new ReportPage(AT, List.of(report)).html();
    }

    private static Report report(List<Drift> drift, long count, @Nullable Repair repair) {
        return new Report("orders", "search", Verdict.DRIFT, TIDEMARK, 3, count, drift, 0, List.of(), "", repair);
    }

    /** But for two words of HTML the page is XML, too. */
    private static void requireWellFormed(String page) throws Exception {
        String xml = page.replace("<!doctype html>", "").replace("<meta charset=\"utf-8\">", "");
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }
}
