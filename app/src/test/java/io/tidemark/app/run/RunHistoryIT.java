package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.reconciliation.Drift;
import io.tidemark.reconciliation.DriftKind;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import io.tidemark.testkit.SharedStack;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunHistoryIT {

    private static final Instant BEGAN = Instant.parse("2026-11-23T01:00:00Z");

    private final RunHistory history =
            new RunHistory(Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers()), "runs.reconciliations");

    @Test
    void runs_are_kept_in_their_order_with_what_was_found_and_without_documents() {
        assertThat(history.runs()).isEmpty();
        history.add(BEGAN, BEGAN.plusSeconds(5), List.of(report(List.of()), report(List.of(drift()))));
        history.add(BEGAN.plusSeconds(60), BEGAN.plusSeconds(65), List.of(report(List.of())));

        List<ObjectNode> runs = history.runs();

        assertThat(runs)
                .extracting(run -> run.get("verdict").textValue())
                .containsExactly("no_drift", "drift", "no_drift");
        assertThat(Json.same(runs.get(1), Json.parse("""
                {"began":"2026-11-23T01:00:00Z","ended":"2026-11-23T01:00:05Z","model":"orders","store":"search",
                 "verdict":"drift","tidemark":"42@0/1","compared":3,"drift_count":1,"undecided_count":0,"reason":"",
                 "drifted":[{"kind":"missing","collection":"orders","key":{"id":1},"stored_position":0}]}"""))).isTrue();
        assertThat(runs.get(2).get("began").textValue()).isEqualTo("2026-11-23T01:01:00Z");
    }

    private static Drift drift() {
        return new Drift(
                DriftKind.MISSING,
                "orders",
                new RowKey("{\"id\":1}"),
                0,
                Json.object().put("secret", "canary"),
                null,
                List.of(),
                null);
    }

    private static Report report(List<Drift> drift) {
        Verdict verdict = drift.isEmpty() ? Verdict.NO_DRIFT : Verdict.DRIFT;
        TidemarkRef tidemark = new TidemarkRef(42, new Lsn(1));
        return new Report("orders", "search", verdict, tidemark, 3, drift.size(), drift, 0, List.of(), "", null);
    }
}
