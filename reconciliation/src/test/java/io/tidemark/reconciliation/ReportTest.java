package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.StoredDocument;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

    private static final RowKey KEY = new RowKey("{\"id\":1}");
    private static final TidemarkRef TIDEMARK = new TidemarkRef(42, new Lsn(0x16B3748));

    @Test
    void a_clean_report_is_one_line_with_its_tidemark() {
        Report clean =
                new Report("orders", "search", Verdict.NO_DRIFT, TIDEMARK, 3, 0, List.of(), 0, List.of(), "", null);

        assertThat(clean.text())
                .isEqualTo("orders in search: no drift as of tidemark 42@0/16B3748, 3 documents compared");
        assertThat(clean.verdict().exitCode()).isZero();
    }

    @Test
    void drift_is_named_with_both_sides_and_where_they_differ() {
        Drift drift = Drift.of(
                DriftKind.DIFFERENT,
                "orders",
                KEY,
                new ExpectedDocument(KEY, "7", Json.parseObject("{\"total\":1.10}")),
                new StoredDocument(KEY, 41, Json.parseObject("{\"total\":1.1}")));
        Report report =
                new Report("orders", "search", Verdict.DRIFT, TIDEMARK, 3, 2, List.of(drift), 0, List.of(), "", null);

        assertThat(Json.same(report.toJson(), Json.parse("""
                {"model":"orders","store":"search","verdict":"drift","tidemark":"42@0/16B3748","compared":3,
                 "drift_count":2,
                 "drift":[{"kind":"different","collection":"orders","key":{"id":1},"stored_position":41,
                           "expected":{"total":1.10},"found":{"total":1.1},
                           "differences":[{"path":"total","expected":1.10,"found":1.1}]}],
                 "undecided_count":0,"undecided":[],"reason":""}"""))).isTrue();
        assertThat(report.text()).contains(": drift as of", "2 drifted");
    }

    @Test
    void what_could_not_be_told_says_why() {
        Report report = new Report(
                "orders",
                "search",
                Verdict.COULD_NOT_TELL,
                TIDEMARK,
                3,
                0,
                List.of(),
                1,
                List.of(new Undecided("orders", KEY)),
                "always in flight",
                null);

        assertThat(report.text()).endsWith("1 undecided: always in flight");
        assertThat(report.toJson().at("/verdict").asText()).isEqualTo("could_not_tell");
        assertThat(report.toJson().at("/undecided/0/key/id").asInt()).isEqualTo(1);
        assertThat(report.verdict().exitCode()).isEqualTo(2);
    }

    @Test
    void the_exit_codes_are_those_of_the_command() {
        assertThat(Verdict.values()).extracting(Verdict::exitCode).containsExactly(0, 1, 2);
    }
}
