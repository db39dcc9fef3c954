package io.tidemark.testkit.conformance;

import static io.tidemark.model.store.WriteOutcome.stale;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The connection is cut after the request was sent: nobody knows what became of it. */
final class LostAnswerCases {

    private static final int TRIES = 5;
    private static final int MOST_ANSWERS = 60;
    private static final int MANY = 2_500;
    private static final String LONG = "x".repeat(3_000);

    private LostAnswerCases() {}

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(
                        "whichever answer is lost, the batch sent again ends right", LostAnswerCases::eachAnswer),
                new ConformanceCase(
                        "of a large batch cut in the middle, what is said to be there is there",
                        LostAnswerCases::largeBatch),
                new ConformanceCase(
                        "a write of unknown outcome sent again yields to a newer one", LostAnswerCases::overtaken));
    }

    private static void eachAnswer(Scenario s) {
        boolean lost = true;
        for (int nth = 1; lost; nth++) {
            assertThat(nth).as("answers to one write").isLessThan(MOST_ANSWERS);
            lost = loseOne(s, nth);
            assertThat(nth > 1 || lost).as("a writer waits for an answer").isTrue();
        }
    }

    private static boolean loseOne(Scenario s, int nth) {
        long position = nth * 10L;
        s.write(s.set(2, position));
        List<Document> batch = List.of(s.set(1, position + 1), s.delete(2, position + 1), s.set(3, position + 1));
        List<AppliedTidemark> claims = Scenario.marks(position + 1);
        s.store().loseAnswer(nth);
        List<WriteOutcome> outcomes = s.write(s.writer(), batch, claims);
        boolean lost = s.store().answerWasLost();
        s.store().loseAnswer(0);
        assertSaidToBeThereIsThere(s, batch, outcomes);
        if (s.applied().filter(claims.get(0).tidemark()::equals).isPresent()) {
            assertThat(s.contents()).as("the claim is there").isEqualTo(Map.of(1L, position + 1, 3L, position + 1));
        }
        sendUntilSettled(s, batch, outcomes, claims);
        assertThat(s.contents()).isEqualTo(Map.of(1L, position + 1, 3L, position + 1));
        assertThat(s.applied()).hasValue(claims.get(0).tidemark());
        return lost;
    }

    private static void largeBatch(Scenario s) {
        s.write(s.set(1, 1), s.set(MANY - 1, 1));
        List<Document> batch = LongStream.range(0, MANY)
                .mapToObj(id -> s.set(id, 5, Scenario.text(5) + LONG))
                .toList();
        s.store().loseAnswer(2);
        List<WriteOutcome> outcomes = s.write(s.writer(), batch, Scenario.marks(5));
        assertThat(s.store().answerWasLost()).isTrue();
        assertThat(outcomes).anyMatch(WriteOutcome.Retriable.class::isInstance);
        assertThat(s.applied()).isEmpty();
        assertSaidToBeThereIsThere(s, batch, outcomes);
        sendUntilSettled(s, batch, outcomes, Scenario.marks(5));
        assertThat(s.contents()).hasSize(MANY).allSatisfy((id, position) -> assertThat(position)
                .isEqualTo(5));
        assertThat(s.applied()).hasValue(Scenario.mark(0, 5).tidemark());
    }

    private static void overtaken(Scenario s) {
        s.store().loseAnswer(1);
        List<Document> batch = List.of(s.set(1, 5), s.set(2, 5));
        Scenario.assertRetriable(s.write(s.writer(), batch, List.of()));
        DocumentWriter newer = s.open();
        s.write(newer, s.set(1, 6), s.delete(2, 6));
        if (s.differs(Difference.ONE_WRITER)) {
            Scenario.assertCode(ErrorCode.FENCED, () -> s.write(s.writer(), batch, List.of()));
        } else {
            assertThat(s.write(s.writer(), batch, List.of())).containsOnly(stale());
        }
        s.write(newer, s.set(3, 7));
        assertThat(s.contents()).isEqualTo(Map.of(1L, 6L, 3L, 7L));
    }

    private static void assertSaidToBeThereIsThere(Scenario s, List<Document> batch, List<WriteOutcome> outcomes) {
        Map<Long, Long> contents = s.contents();
        for (int i = 0; i < batch.size(); i++) {
            Document document = batch.get(i);
            long id = document.key().values().path("id").asLong();
            if (outcomes.get(i).settled()) {
                Long there = document.body() == null
                        ? null
                        : Long.valueOf(document.version().position());
                assertThat(contents.get(id)).as("%s", document.key()).isEqualTo(there);
            }
        }
    }

    /** As a delivery does: what is retriable goes again, in order, with the claims. */
    private static void sendUntilSettled(
            Scenario s, List<Document> batch, List<WriteOutcome> first, List<AppliedTidemark> claims) {
        List<Document> left = retriable(batch, first);
        for (int attempt = 0; attempt < TRIES; attempt++) {
            try {
                List<Document> sent = left;
                left = retriable(sent, s.write(s.writer(), sent, claims));
                if (left.isEmpty()) {
                    return;
                }
            } catch (TidemarkException e) {
                assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.UNREACHABLE);
            }
        }
        assertThat(left).as("still not written after %d tries", TRIES).isEmpty();
    }

    private static List<Document> retriable(List<Document> batch, List<WriteOutcome> outcomes) {
        assertThat(outcomes).allMatch(outcome -> outcome.settled() || outcome instanceof WriteOutcome.Retriable);
        return new ArrayList<>(IntStream.range(0, batch.size())
                .filter(i -> outcomes.get(i) instanceof WriteOutcome.Retriable)
                .mapToObj(batch::get)
                .toList());
    }
}
