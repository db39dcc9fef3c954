package io.tidemark.testkit.conformance;

import static io.tidemark.model.store.MendOutcome.mended;
import static io.tidemark.model.store.MendOutcome.newer;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.Mend;
import io.tidemark.model.store.MendOutcome;
import io.tidemark.model.store.WriteOutcome;
import java.util.List;
import java.util.Map;

/** Documents put right beside the writer that owns them. */
final class MenderCases {

    private MenderCases() {}

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase("a mend takes the place of what is not newer", MenderCases::replaces),
                new ConformanceCase("a mend leaves what is newer, deletes included", MenderCases::leavesNewer),
                new ConformanceCase("after a mend that deletes nothing older comes", MenderCases::deletes),
                new ConformanceCase(
                        "a position that no transaction has is replaced as it was found", MenderCases::asFound),
                new ConformanceCase("a mend that is refused is refused alone", MenderCases::refused));
    }

    private static void replaces(Scenario s) {
        s.write(s.set(1, 5, "v5 wrong"), s.set(2, 4));
        assertThat(mend(s, new Mend(s.set(1, 5, "v5 right"), 5), new Mend(s.set(2, 5), 4), new Mend(s.set(3, 5), 0)))
                .containsExactly(mended(), mended(), mended());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 5L, 2L, 5L, 3L, 5L));
        assertThat(s.documents())
                .extracting(document -> document.body().path("v").asText())
                .contains("v5 right");
        assertThat(s.write(s.set(1, 5), s.set(2, 4))).containsOnly(WriteOutcome.stale());
        assertThat(s.write(s.set(1, 6))).containsOnly(WriteOutcome.applied());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 6L, 2L, 5L, 3L, 5L));
    }

    private static void leavesNewer(Scenario s) {
        s.write(s.set(1, 7), s.set(2, 5), s.set(3, 7));
        s.write(s.delete(2, 7));
        assertThat(mend(s, new Mend(s.set(1, 6), 5), new Mend(s.set(2, 6), 5), new Mend(s.delete(3, 6), 5)))
                .containsExactly(newer(), newer(), newer());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 7L, 3L, 7L));
    }

    private static void deletes(Scenario s) {
        s.write(s.set(1, 5), s.set(2, 6));
        assertThat(mend(s, new Mend(s.delete(1, 6), 5), new Mend(s.delete(2, 6), 6), new Mend(s.delete(3, 6), 0)))
                .containsExactly(mended(), mended(), mended());
        assertThat(s.contents()).isEmpty();
        assertThat(s.write(s.set(1, 6), s.set(2, 5), s.set(3, 5))).containsOnly(WriteOutcome.stale());
        assertThat(s.write(s.set(1, 7))).containsExactly(WriteOutcome.applied());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 7L));
    }

    /** Somebody made it up; then what comes later counts again. */
    private static void asFound(Scenario s) {
        s.write(s.set(1, 1_000), s.set(2, 1_000));
        assertThat(mend(s, new Mend(s.set(1, 5), 999))).containsExactly(newer());
        assertThat(mend(s, new Mend(s.set(1, 5), 1_000), new Mend(s.delete(2, 5), 1_000)))
                .containsExactly(mended(), mended());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 5L));
        assertThat(s.write(s.set(1, 6))).allMatch(WriteOutcome::settled);
        assertThat(s.contents()).isEqualTo(Map.of(1L, 6L));
    }

    private static void refused(Scenario s) {
        s.write(s.set(4, 9));
        Document poison = s.store().poison(2, 5);
        assertThat(mend(
                        s,
                        new Mend(s.set(1, 5), 0),
                        new Mend(poison, 0),
                        new Mend(s.set(3, 5), 0),
                        new Mend(s.set(4, 5), 0)))
                .satisfiesExactly(
                        first -> assertThat(first).isEqualTo(mended()),
                        second -> assertThat(second).isInstanceOf(MendOutcome.Refused.class),
                        third -> assertThat(third).isEqualTo(mended()),
                        fourth -> assertThat(fourth).isEqualTo(newer()));
        assertThat(s.contents()).containsOnlyKeys(1L, 3L, 4L);
    }

    private static List<MendOutcome> mend(Scenario s, Mend... mends) {
        try (DocumentMender mender = s.store().mender(s.store().generation())) {
            List<MendOutcome> outcomes = mender.mend(List.of(mends));
            assertThat(outcomes).as("one outcome per document").hasSize(mends.length);
            return outcomes;
        }
    }
}
