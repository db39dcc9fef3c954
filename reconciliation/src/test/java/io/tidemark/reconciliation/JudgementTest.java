package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.reconciliation.Judgement.Drifted;
import io.tidemark.reconciliation.Judgement.InFlight;
import io.tidemark.reconciliation.Judgement.Same;
import io.tidemark.reconciliation.Judgement.Sighting;
import org.junit.jupiter.api.Test;

class JudgementTest {

    private static final RowKey KEY = new RowKey("{\"id\":1}");
    private static final Horizon AT_10 = new Horizon(10, true, true);
    private static final Horizon UNSETTLED_AT_10 = new Horizon(10, false, false);

    @Test
    void equal_documents_are_the_same_as_of_any_position() {
        assertThat(Judgement.of(expected("7", 1), stored(99, 1), null, AT_10)).isInstanceOf(Same.class);
        assertThat(Judgement.of(null, null, new Sighting("7", 5L), AT_10)).isInstanceOf(Same.class);
    }

    @Test
    void a_difference_at_a_covered_position_is_drift_at_first_sight() {
        assertThat(Judgement.of(expected("7", 1), stored(10, 2), null, UNSETTLED_AT_10))
                .isEqualTo(new Drifted(DriftKind.DIFFERENT));
        assertThat(Judgement.of(null, stored(10, 2), null, UNSETTLED_AT_10)).isEqualTo(new Drifted(DriftKind.EXTRA));
    }

    @Test
    void a_difference_at_a_later_position_is_in_flight() {
        assertThat(Judgement.of(expected("7", 1), stored(11, 2), null, AT_10))
                .isEqualTo(new InFlight(new Sighting("7", 11L)));
        assertThat(Judgement.of(null, stored(11, 2), new Sighting(null, 10L), AT_10))
                .isInstanceOf(InFlight.class);
    }

    @Test
    void a_position_that_is_still_later_once_everything_settled_was_never_captured() {
        Sighting before = new Sighting("7", 99L);

        assertThat(Judgement.of(expected("7", 1), stored(99, 2), before, AT_10))
                .isEqualTo(new Drifted(DriftKind.DIFFERENT));
        assertThat(Judgement.of(expected("7", 1), stored(99, 2), before, UNSETTLED_AT_10))
                .isInstanceOf(InFlight.class);
    }

    @Test
    void a_missing_document_is_drift_only_when_its_row_was_there_all_along() {
        Sighting missing = new Sighting("7", null);

        assertThat(Judgement.of(expected("7", 1), null, null, AT_10)).isEqualTo(new InFlight(missing));
        assertThat(Judgement.of(expected("7", 1), null, missing, AT_10)).isEqualTo(new Drifted(DriftKind.MISSING));
        assertThat(Judgement.of(expected("8", 1), null, missing, AT_10)).isInstanceOf(InFlight.class);
        assertThat(Judgement.of(expected("7", 1), null, missing, UNSETTLED_AT_10))
                .isInstanceOf(InFlight.class);
        assertThat(Judgement.of(expected("7", 1), null, new Sighting("7", 3L), AT_10))
                .isInstanceOf(InFlight.class);
    }

    private static ExpectedDocument expected(String xmin, int value) {
        return new ExpectedDocument(KEY, xmin, Json.object().put("v", value));
    }

    private static StoredDocument stored(long position, int value) {
        return new StoredDocument(KEY, position, Json.object().put("v", value));
    }
}
