package io.tidemark.app.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.TransactionalWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.AppliedTidemarks;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What health reads from a transaction that is begun again and again. */
class WatchedTransactionalWriterTest {

    /** Takes so many batches, then fails; without a number it takes them all. */
    private static final class Failing implements TransactionalWriter {

        private int takes;

        @Override
        public WriteOutcome writeAsOne(Iterator<List<Document>> batches, List<AppliedTidemark> claims) {
            for (int taken = 0; batches.hasNext(); taken++) {
                if (taken == takes) {
                    return new WriteOutcome.Retriable("canceling statement due to statement timeout");
                }
                batches.next();
            }
            return WriteOutcome.applied();
        }

        @Override
        public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
            return Collections.nCopies(batch.size(), WriteOutcome.applied());
        }

        @Override
        public List<AppliedTidemark> claims() {
            return List.of();
        }

        @Override
        public void forget(Set<Integer> partitions) {}

        @Override
        public void open() {}

        @Override
        public void rejoin() {}

        @Override
        public void describe(List<Relation> relations) {}

        @Override
        public void close() {}
    }

    private final Failing failing = new Failing();
    private final WatchedTransactionalWriter writer = new WatchedTransactionalWriter(
            failing, new AppliedTidemarks(1, tidemark -> {}), new SimpleMeterRegistry(), Tags.of("model", "rows"));

    @Test
    void a_transaction_that_never_comes_further_is_no_progress_and_says_how_often_and_why() {
        failing.takes = 2;
        attempt();
        long first = writer.settled();
        attempt();
        attempt();
        assertThat(writer.settled()).isEqualTo(first);
        assertThat(writer.owes()).isTrue();
        assertThat(writer.waitsFor())
                .contains("statement timeout", "after attempt 3 to write it as one", "s since the first began");
    }

    @Test
    void what_no_attempt_before_came_to_is_progress() {
        failing.takes = 2;
        attempt();
        long first = writer.settled();
        failing.takes = 3;
        attempt();
        assertThat(writer.settled()).isEqualTo(first + 1);

        failing.takes = 9;
        attempt();
        assertThat(writer.owes()).isFalse();
        long written = writer.settled();
        failing.takes = 1;
        attempt();
        assertThat(writer.settled()).as("of another transaction").isEqualTo(written + 1);
    }

    private void attempt() {
        List<Document> batch =
                List.of(new Document("rows", new RowKey("{\"id\":1}"), new Version(1, 0), Json.object()));
        writer.writeAsOne(Collections.nCopies(5, batch).iterator(), List.of());
    }
}
