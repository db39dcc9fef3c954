package io.tidemark.testkit.conformance;

import static io.tidemark.model.store.WriteOutcome.applied;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.store.Document;
import io.tidemark.model.store.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Documents the store itself refuses. */
final class RejectionCases {

    private static final int POISONED = 17;
    private static final int BATCH = 40;

    private RejectionCases() {}

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase("a poison document is rejected alone, each time", RejectionCases::alone),
                new ConformanceCase("a poison document holds the claims back", RejectionCases::claims),
                new ConformanceCase(
                        "an older version in the batch shares the fate of the poison one", RejectionCases::sameKey));
    }

    private static void alone(Scenario s) {
        List<Document> batch = batchWithPoison(s);
        List<WriteOutcome> outcomes = s.write(s.writer(), batch, List.of());
        assertThat(rejected(outcomes)).containsExactly(POISONED);
        assertThat(((WriteOutcome.Rejected) outcomes.get(POISONED)).reason()).isNotBlank();
        assertThat(outcomes).filteredOn(applied()::equals).hasSize(BATCH - 1);
        assertThat(rejected(s.write(batch.get(POISONED)))).as("once more").containsExactly(0);
    }

    private static void claims(Scenario s) {
        List<WriteOutcome> outcomes = s.write(s.writer(), batchWithPoison(s), Scenario.marks(5));
        assertThat(rejected(outcomes)).containsExactly(POISONED);
        List<WriteOutcome> others = new ArrayList<>(outcomes);
        others.remove(POISONED);
        if (s.differs(Difference.BATCH_IS_ONE_TRANSACTION)) {
            Scenario.assertRetriable(others);
            assertThat(s.contents()).isEmpty();
        } else {
            assertThat(others).containsOnly(applied());
        }
        assertThat(s.applied()).isEmpty();
    }

    private static void sameKey(Scenario s) {
        Document poison = s.store().poison(1, 6);
        List<WriteOutcome> outcomes = s.write(s.set(1, 5), s.set(2, 5), poison);
        assertThat(rejected(outcomes)).containsExactly(0, 2);
        assertThat(outcomes.get(1)).isEqualTo(applied());
    }

    private static List<Document> batchWithPoison(Scenario s) {
        Document poison = s.store().poison(POISONED, 5);
        return IntStream.range(0, BATCH)
                .mapToObj(id -> id == POISONED ? poison : s.set(id, 5))
                .toList();
    }

    private static List<Integer> rejected(List<WriteOutcome> outcomes) {
        return IntStream.range(0, outcomes.size())
                .filter(i -> outcomes.get(i) instanceof WriteOutcome.Rejected)
                .boxed()
                .toList();
    }
}
