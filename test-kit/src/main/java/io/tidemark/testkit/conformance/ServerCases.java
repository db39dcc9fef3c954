package io.tidemark.testkit.conformance;

import static io.tidemark.model.store.WriteOutcome.applied;
import static io.tidemark.model.store.WriteOutcome.stale;
import static io.tidemark.testkit.conformance.Scenario.mark;
import static io.tidemark.testkit.conformance.Scenario.marks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.store.WriteOutcome;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The server is killed, takes no writes, has no room, is slow, or is emptied under a running writer. */
final class ServerCases {

    private static final int PATIENCE_SECONDS = 60;
    private static final int HELD_MS = 100;

    private ServerCases() {}

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(
                        "a killed server is retriable, and what was written is there after its restart",
                        ServerCases::killed),
                new ConformanceCase(
                        "a late write after a delete and a restart does not bring the document back",
                        ServerCases::restartAfterDelete),
                new ConformanceCase(
                        "a server that takes no writes is retriable", s -> takesNothing(s, s.store()::readOnly)),
                new ConformanceCase("a server without room is retriable", s -> takesNothing(s, s.store()::full)),
                new ConformanceCase("a slow server is waited for", ServerCases::slow),
                new ConformanceCase(
                        "a store emptied under a running writer is noticed and can be filled again",
                        ServerCases::emptied),
                new ConformanceCase(
                        "a store emptied under an idle writer is noticed by its next claim",
                        ServerCases::emptiedWhileIdle));
    }

    private static void killed(Scenario s) {
        s.write(s.writer(), List.of(s.set(1, 5), s.set(2, 5)), marks(5));
        s.store().kill();
        Scenario.assertRetriable(s.write(s.set(1, 6), s.delete(2, 6)));
        Scenario.assertRetriable(s.write(s.writer(), List.of(s.set(1, 6), s.delete(2, 6)), marks(6)));
        Scenario.assertCode(ErrorCode.UNREACHABLE, () -> s.claim(mark(0, 6)));
        s.store().restart();
        assertThat(s.applied()).hasValue(mark(0, 5).tidemark());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 5L, 2L, 5L));
        assertThat(s.write(s.writer(), List.of(s.set(1, 6), s.delete(2, 6)), marks(6)))
                .containsOnly(applied());
        assertThat(s.write(s.set(1, 5))).containsOnly(stale());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 6L));
        assertThat(s.applied()).hasValue(mark(0, 6).tidemark());
    }

    private static void restartAfterDelete(Scenario s) {
        s.write(s.set(1, 5));
        s.write(s.delete(1, 6));
        s.store().kill();
        s.store().restart();
        List<WriteOutcome> late = s.writeOverANewConnection(s.set(1, 5));
        if (s.differs(Difference.RESTART_FORGETS_DELETES)) {
            assertThat(late).containsExactly(applied());
        } else {
            assertThat(late).containsExactly(stale());
            assertThat(s.contents()).isEmpty();
        }
        assertThat(s.write(s.delete(1, 6))).as("read again, in order").allMatch(WriteOutcome::settled);
        assertThat(s.contents()).isEmpty();
    }

    private static void takesNothing(Scenario s, Consumer<Boolean> fault) {
        s.write(s.writer(), List.of(s.set(1, 5)), marks(5));
        fault.accept(true);
        Scenario.assertRetriable(s.write(s.set(1, 6), s.set(2, 6)));
        Scenario.assertRetriable(s.write(s.writer(), List.of(s.set(1, 6), s.set(2, 6)), marks(6)));
        Scenario.assertCode(ErrorCode.UNREACHABLE, () -> s.claim(mark(0, 6), mark(1, 6)));
        assertThat(s.applied()).hasValue(mark(0, 5).tidemark());
        fault.accept(false);
        assertThat(s.contents()).isEqualTo(Map.of(1L, 5L));
        assertThat(s.write(s.writer(), List.of(s.set(1, 6), s.set(2, 6)), marks(6)))
                .containsOnly(applied());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 6L, 2L, 6L));
    }

    private static void slow(Scenario s) throws Exception {
        s.write(s.set(1, 5));
        s.store().hold();
        CompletableFuture<List<WriteOutcome>> writing =
                CompletableFuture.supplyAsync(() -> s.write(s.writer(), List.of(s.set(1, 6), s.set(2, 6)), marks(6)));
        assertThatThrownBy(() -> writing.get(HELD_MS, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        s.store().release();
        assertThat(writing.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).containsOnly(applied());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 6L, 2L, 6L));
        assertThat(s.applied()).hasValue(mark(0, 6).tidemark());
    }

    private static void emptied(Scenario s) {
        s.write(s.writer(), List.of(s.set(1, 5), s.set(2, 5)), marks(5));
        s.store().empty();
        Scenario.assertCode(
                ErrorCode.DATA_LOSS, () -> s.write(s.writer(), List.of(s.set(1, 6), s.delete(3, 6)), marks(6)));
        assertThat(s.applied()).as("nobody may believe it is all there").isEmpty();
        fillAgain(s);
    }

    private static void emptiedWhileIdle(Scenario s) {
        s.write(s.writer(), List.of(s.set(1, 5), s.set(2, 5)), marks(5));
        s.store().empty();
        Scenario.assertCode(ErrorCode.DATA_LOSS, () -> s.claim(mark(0, 6), mark(1, 6)));
        assertThat(s.applied()).isEmpty();
        fillAgain(s);
    }

    private static void fillAgain(Scenario s) {
        s.writer().open();
        assertThat(s.write(s.set(1, 5), s.set(2, 5))).allMatch(WriteOutcome::settled);
        assertThat(s.applied()).isEmpty();
        s.write(s.writer(), List.of(s.set(4, 4)), marks(4));
        assertThat(s.contents()).containsEntry(2L, 5L).containsEntry(4L, 4L);
        assertThat(s.applied()).as("from the start").hasValue(mark(0, 4).tidemark());
    }
}
