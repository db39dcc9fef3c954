package io.tidemark.connect.sink;

import static io.tidemark.connect.sink.TaskUnderTest.document;
import static io.tidemark.connect.sink.TaskUnderTest.marker;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a task does with what a worker gives it, with a store in memory. */
class TidemarkSinkTaskTest {

    @Test
    void documents_are_written_and_their_tidemark_is_claimed_and_kept_beside_the_offset() {
        TaskUnderTest task = new TaskUnderTest().ofDocuments().start(0);
        task.give(document(0, 0, 5, 1, "{\"id\":1}"), marker(0, 1, 5));
        assertThat(task.store.contents()).isEqualTo(Map.of("{\"id\":1}", "{\"id\":1}"));
        assertThat(task.store.claimed()).isEqualTo(Map.of(0, 5L));
        assertThat(task.commit()).hasEntrySatisfying(TaskUnderTest.partition(0), place -> assertThat(place.metadata())
                .startsWith("5@"));
    }
}
