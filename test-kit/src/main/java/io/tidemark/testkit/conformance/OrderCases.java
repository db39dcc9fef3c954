package io.tidemark.testkit.conformance;

import static io.tidemark.model.store.WriteOutcome.applied;
import static io.tidemark.model.store.WriteOutcome.stale;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.store.Document;
import io.tidemark.model.store.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Order within a key, deletes included, in one batch, over batches and when they are sent again. */
final class OrderCases {

    private static final int KEYS = 6;
    private static final int HISTORY = 150;
    private static final long SEED = 3;

    private OrderCases() {}

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase("a newer version wins, an older one or the same is stale", OrderCases::newerWins),
                new ConformanceCase(
                        "an older write after a delete does not bring the document back", OrderCases::lateUpdate),
                new ConformanceCase("an older delete leaves a newer document", OrderCases::lateDelete),
                new ConformanceCase("the last of several versions of a key in a batch counts", OrderCases::oneBatch),
                new ConformanceCase("outcomes are in the order of the batch", OrderCases::orderOfOutcomes),
                new ConformanceCase("a replay shows nothing older meanwhile", OrderCases::replay),
                new ConformanceCase(
                        "a random history in random batches, with replays, never shows anything older",
                        OrderCases::random));
    }

    private static void newerWins(Scenario s) {
        assertThat(s.write(s.set(1, 9))).containsExactly(applied());
        assertThat(s.write(s.set(1, 10))).containsExactly(applied());
        assertThat(s.write(s.set(1, 10))).containsExactly(stale());
        assertThat(s.write(s.set(1, 9))).containsExactly(stale());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 10L));
    }

    private static void lateUpdate(Scenario s) {
        s.write(s.set(1, 5));
        assertThat(s.write(s.delete(1, 6))).containsExactly(applied());
        assertThat(s.write(s.set(1, 5))).containsExactly(stale());
        assertThat(s.write(s.set(1, 6))).containsExactly(stale());
        assertThat(s.write(s.delete(2, 6))).as("of what never was there").allMatch(WriteOutcome::settled);
        assertThat(s.write(s.set(2, 5))).containsExactly(stale());
        assertThat(s.contents()).isEmpty();
        assertThat(s.write(s.set(1, 7))).containsExactly(applied());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 7L));
    }

    private static void lateDelete(Scenario s) {
        s.write(s.set(1, 5));
        assertThat(s.write(s.delete(1, 4))).containsExactly(stale());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 5L));
    }

    private static void oneBatch(Scenario s) {
        assertThat(s.write(s.set(1, 5), s.delete(1, 6), s.set(1, 7), s.set(2, 5), s.set(3, 5), s.delete(2, 6)))
                .containsOnly(applied());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 7L, 3L, 5L));
        assertThat(s.write(s.delete(3, 6), s.set(3, 7), s.delete(1, 8))).containsOnly(applied());
        assertThat(s.contents()).isEqualTo(Map.of(3L, 7L));
        assertThat(s.write(s.set(1, 7), s.set(3, 6))).as("both are older").containsOnly(stale());
        assertThat(s.contents()).isEqualTo(Map.of(3L, 7L));
    }

    private static void orderOfOutcomes(Scenario s) {
        s.write(s.set(2, 9), s.set(4, 9));
        assertThat(s.write(s.set(1, 5), s.set(2, 5), s.set(3, 5), s.delete(4, 5), s.set(5, 5)))
                .containsExactly(applied(), stale(), applied(), stale(), applied());
        assertThat(s.write()).isEmpty();
    }

    private static void replay(Scenario s) {
        List<Document> history = List.of(s.set(1, 1), s.set(2, 2), s.delete(1, 3), s.set(2, 4), s.set(3, 5));
        history.forEach(each -> s.write(each));
        Map<Long, Long> end = Map.of(2L, 4L, 3L, 5L);
        for (Document again : history) {
            assertThat(s.write(again)).allMatch(WriteOutcome::settled);
            assertThat(s.contents()).as("after %s once more", again).isEqualTo(end);
        }
    }

    /** Now and then goes back a little, as a delivery does that lost its place. */
    private static void random(Scenario s) {
        Random random = new Random(SEED);
        List<Document> history = history(s, random);
        int at = 0;
        int written = 0;
        while (written < history.size()) {
            int end = Math.min(history.size(), at + 1 + random.nextInt(12));
            assertThat(s.write(s.writer(), history.subList(at, end), List.of())).allMatch(WriteOutcome::settled);
            written = Math.max(written, end);
            assertThat(s.contents())
                    .as("after changes %d to %d were written, of %d so far", at, end, written)
                    .isEqualTo(newest(history.subList(0, written)));
            at = random.nextInt(3) == 0 ? Math.max(0, end - random.nextInt(20)) : end;
        }
    }

    /** Changes of few keys, positions rising. */
    static List<Document> history(Scenario s, Random random) {
        List<Document> history = new ArrayList<>();
        for (long position = 1; position <= HISTORY; position++) {
            long id = random.nextInt(KEYS);
            history.add(random.nextInt(3) == 0 ? s.delete(id, position) : s.set(id, position));
        }
        return history;
    }

    /** Position by id of what a history leaves. */
    static Map<Long, Long> newest(List<Document> history) {
        Map<Long, Long> newest = new TreeMap<>();
        for (Document document : history) {
            long id = document.key().values().path("id").asLong();
            newest.remove(id);
            if (document.body() != null) {
                newest.put(id, document.version().position());
            }
        }
        return newest;
    }
}
