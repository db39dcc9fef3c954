package io.tidemark.stores.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import io.tidemark.model.store.WriteOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BulkResultTest {

    @ParameterizedTest
    @ValueSource(ints = {403, 408, 429, 500, 503, 504})
    void what_is_not_the_documents_fault_is_retriable_and_its_words_are_left_out(int status) {
        assertThat(outcome(status)).isEqualTo(new WriteOutcome.Retriable("kind"));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 413})
    void what_the_server_cannot_take_is_rejected_in_its_words(int status) {
        assertThat(outcome(status)).isEqualTo(new WriteOutcome.Rejected("kind: why (because)"));
    }

    @Test
    void deleting_nothing_is_applied_and_a_missing_index_is_not() {
        assertThat(BulkResult.outcome(Json.parse("{\"status\":404}"))).isEqualTo(WriteOutcome.applied());
        assertThat(outcome(404)).isInstanceOf(WriteOutcome.Retriable.class);
    }

    @Test
    void a_conflict_is_stale_unless_the_stored_document_is_older() {
        assertThat(conflict("{\"found\":true,\"_source\":{\"_tidemark\":5}}")).isEqualTo(WriteOutcome.stale());
        assertThat(conflict("{\"found\":true,\"_source\":{\"_tidemark\":6}}")).isEqualTo(WriteOutcome.stale());
        assertThat(conflict("{\"found\":false}")).isEqualTo(WriteOutcome.stale());
        assertThat(conflict("{\"found\":true,\"_source\":{\"_tidemark\":4}}"))
                .isEqualTo(new WriteOutcome.ChangedElsewhere(4));
        assertThat(conflict("{\"found\":true,\"_source\":{}}")).isEqualTo(new WriteOutcome.ChangedElsewhere(0));
        assertThat(conflict("{\"error\":{\"type\":\"x\"}}")).isInstanceOf(WriteOutcome.Retriable.class);
    }

    private static WriteOutcome conflict(String stored) {
        return BulkResult.conflict(Json.parse(stored), 5);
    }

    private static WriteOutcome outcome(int status) {
        return BulkResult.outcome(Json.parse("{\"status\":" + status
                + ",\"error\":{\"type\":\"kind\",\"reason\":\"why\",\"caused_by\":{\"reason\":\"because\"}}}"));
    }
}
