package io.tidemark.testkit.conformance;

import static io.tidemark.model.store.WriteOutcome.applied;
import static io.tidemark.model.store.WriteOutcome.stale;
import static io.tidemark.testkit.conformance.Scenario.mark;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A partition's former owner goes on writing beside the new one. */
final class OwnerCases {

    private static final int PATIENCE_SECONDS = 60;

    private OwnerCases() {}

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase("what a former owner writes late changes nothing", OwnerCases::formerOwner),
                new ConformanceCase("two owners at once leave what one would", OwnerCases::atOnce),
                new ConformanceCase(
                        "a writer that was out of touch for too long writes nothing before it rejoined",
                        OwnerCases::outOfTouch));
    }

    private static void formerOwner(Scenario s) {
        s.write(s.writer(), List.of(s.set(1, 5), s.set(2, 5)), List.of(mark(0, 5), mark(1, 5)));
        DocumentWriter newer = s.open();
        s.write(newer, List.of(s.set(1, 7), s.delete(2, 7)), List.of(mark(0, 7), mark(1, 7)));
        if (s.differs(Difference.ONE_WRITER)) {
            Scenario.assertCode(ErrorCode.FENCED, () -> s.write(s.set(1, 6), s.set(2, 6), s.set(3, 6)));
            Scenario.assertCode(ErrorCode.FENCED, () -> s.claim(mark(0, 6)));
            assertThat(s.contents()).isEqualTo(Map.of(1L, 7L));
        } else {
            assertThat(s.write(s.writer(), List.of(s.set(1, 6), s.set(2, 6), s.set(3, 6)), List.of(mark(0, 6))))
                    .containsExactly(stale(), stale(), applied());
            assertThat(s.contents()).isEqualTo(Map.of(1L, 7L, 3L, 6L));
        }
        assertThat(s.applied()).hasValue(mark(0, 7).tidemark());
    }

    private static void atOnce(Scenario s) throws Exception {
        DocumentWriter newer = s.open();
        List<Document> history = OrderCases.history(s, new Random(1));
        List<Document> older = history.subList(0, history.size() / 2);
        CompletableFuture<Void> first = CompletableFuture.runAsync(() -> writeAll(s, s.writer(), older, 7));
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> writeAll(s, newer, history, 3));
        first.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        second.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(s.contents()).isEqualTo(OrderCases.newest(history));
        writeAll(s, s.writer(), older, 5);
        assertThat(s.contents()).as("what is older, once more").isEqualTo(OrderCases.newest(history));
    }

    private static void writeAll(Scenario s, DocumentWriter by, List<Document> history, int size) {
        try {
            for (int from = 0; from < history.size(); from += size) {
                List<Document> batch = history.subList(from, Math.min(history.size(), from + size));
                assertThat(s.write(by, batch, List.of())).allMatch(WriteOutcome::settled);
            }
        } catch (TidemarkException e) {
            boolean mayBe = s.differs(Difference.ONE_WRITER) && by == s.writer() && e.code() == ErrorCode.FENCED;
            if (!mayBe) {
                throw e;
            }
        }
    }

    /** Stores remember deletes for a time. What is written later than that must be known to be still ours to write. */
    private static void outOfTouch(Scenario s) {
        s.store().shortenGrace();
        DocumentWriter former = s.open();
        assertThat(s.write(former, s.set(1, 5))).containsExactly(applied());
        DocumentWriter newer = s.open();
        assertThat(s.write(newer, s.delete(1, 6))).containsExactly(applied());
        s.store().outlastGrace();
        Scenario.assertCode(ErrorCode.FENCED, () -> s.write(former, s.set(1, 5)));
        Scenario.assertCode(ErrorCode.FENCED, () -> s.write(former, List.of(), List.of(mark(0, 5))));
        assertThat(s.contents()).isEmpty();
        if (s.differs(Difference.ONE_WRITER)) {
            former.rejoin();
            Scenario.assertCode(ErrorCode.FENCED, () -> s.write(former, s.set(1, 5)));
            former.open();
        } else {
            former.rejoin();
        }
        assertThat(s.write(former, s.set(1, 7))).containsExactly(applied());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 7L));
    }
}
