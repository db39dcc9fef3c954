package io.tidemark.testkit.conformance;

import static io.tidemark.testkit.conformance.Scenario.mark;
import static io.tidemark.testkit.conformance.Scenario.marks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The store is replaced by an older copy of itself: a backup, a snapshot, a replica that was behind. */
final class SetBackCases {

    private static final int TRIES = 5;

    private SetBackCases() {}

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(
                        "claims are told as the store holds them, and those forgotten are gone",
                        SetBackCases::toldAndForgotten),
                new ConformanceCase(
                        "who claimed what was forgotten since does not claim on top of it",
                        SetBackCases::forgottenByAnother),
                new ConformanceCase(
                        "who claims goes on while another one fills another partition again",
                        SetBackCases::anotherForgotten),
                new ConformanceCase(
                        "a store set back under a running writer is noticed by its next claim", SetBackCases::setBack),
                new ConformanceCase(
                        "a store that lost only what was not claimed yet is noticed by its next claim",
                        SetBackCases::unclaimedLost),
                new ConformanceCase(
                        "a store set back while nobody wrote does not hold the claims it held before",
                        SetBackCases::setBackAtRest));
    }

    private static void toldAndForgotten(Scenario s) {
        assertThat(s.writer().claims()).isEmpty();
        s.write(s.writer(), List.of(s.set(1, 5)), marks(5));
        s.claim(mark(1, 8));
        assertThat(s.writer().claims()).containsExactlyInAnyOrder(mark(0, 5), mark(1, 8));
        s.writer().forget(Set.of(0));
        assertThat(s.writer().claims()).containsExactly(mark(1, 8));
        assertThat(s.applied()).isEmpty();
        s.claim(mark(0, 4));
        assertThat(s.applied())
                .as("filled again from the start")
                .hasValue(mark(0, 4).tidemark());
        assertThat(s.contents()).isEqualTo(Map.of(1L, 5L));
    }

    private static void forgottenByAnother(Scenario s) {
        s.write(s.writer(), List.of(s.set(1, 5)), marks(5));
        DocumentWriter newer = s.open();
        newer.forget(Set.of(0));
        ErrorCode refusal = s.differs(Difference.ONE_WRITER) ? ErrorCode.FENCED : ErrorCode.DATA_LOSS;
        Scenario.assertCode(refusal, () -> s.claim(mark(0, 6)));
        assertThat(newer.claims()).containsExactly(mark(1, 5));
    }

    private static void anotherForgotten(Scenario s) {
        s.write(s.writer(), List.of(s.set(1, 5)), marks(5));
        assertThat(s.writer().claims()).containsExactlyInAnyOrderElementsOf(marks(5));
        if (s.differs(Difference.ONE_WRITER)) {
            s.writer().forget(Set.of(1));
        } else {
            s.open().forget(Set.of(1));
        }
        s.write(s.writer(), List.of(s.set(1, 6)), List.of(mark(0, 6)));
        assertThat(s.writer().claims()).containsExactly(mark(0, 6));
    }

    private static void setBack(Scenario s) {
        s.write(s.writer(), List.of(s.set(1, 5), s.set(2, 5)), marks(5));
        s.store().backUp();
        s.write(s.writer(), List.of(s.set(1, 6), s.delete(2, 6)), marks(6));
        s.store().setBack();
        assertLoss(s, List.of(s.set(3, 7)), marks(7));
        assertThat(s.applied().filter(mark(0, 5).tidemark()::isAtLeast).isPresent()
                        || s.applied().isEmpty())
                .as("%s is at most what was backed up", s.applied())
                .isTrue();
        s.writer().open();
        assertThat(s.writer().claims()).allSatisfy(claim -> assertThat(claim.tidemark())
                .isEqualTo(mark(0, 5).tidemark()));
        s.writer().forget(Set.of(0, 1));
        assertThat(s.applied()).isEmpty();
        s.write(s.writer(), List.of(s.set(1, 6), s.delete(2, 6), s.set(3, 7)), marks(7));
        assertThat(s.contents()).isEqualTo(Map.of(1L, 6L, 3L, 7L));
        assertThat(s.applied()).hasValue(mark(0, 7).tidemark());
    }

    private static void unclaimedLost(Scenario s) {
        s.write(s.writer(), List.of(s.set(1, 5)), marks(5));
        s.store().backUp();
        s.write(s.set(2, 6));
        s.store().setBack();
        assertLoss(s, List.of(s.set(3, 7)), marks(7));
    }

    private static void setBackAtRest(Scenario s) {
        s.write(s.writer(), List.of(s.set(1, 5)), marks(5));
        s.store().backUp();
        s.write(s.writer(), List.of(s.set(1, 6)), marks(6));
        assertThat(s.writer().claims()).containsExactlyInAnyOrderElementsOf(marks(6));
        s.store().setBack();
        assertThat(s.open().claims()).allSatisfy(claim -> assertThat(claim.tidemark())
                .isEqualTo(mark(0, 5).tidemark()));
    }

    /** What a writer finds first may be that its connection is gone. */
    private static void assertLoss(Scenario s, List<Document> batch, List<AppliedTidemark> claims) {
        assertThatThrownBy(() -> {
                    for (int attempt = 0; attempt < TRIES; attempt++) {
                        List<WriteOutcome> outcomes = s.write(s.writer(), batch, claims);
                        assertThat(outcomes).as("claimed").hasOnlyElementsOfType(WriteOutcome.Retriable.class);
                    }
                })
                .isInstanceOfSatisfying(
                        TidemarkException.class,
                        e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.DATA_LOSS));
    }
}
