package io.tidemark.projections.internal.writing;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.definition.StoredForm;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MappingWriterTest {

    private static final List<AppliedTidemark> CLAIMS = List.of(new AppliedTidemark(0, TidemarkRef.parse("9@0/9")));

    private static final StoredForm FORM = new StoredForm("1", (key, body) -> {
        if (body.get("n").intValue() < 0) {
            throw new IllegalArgumentException("less than nothing");
        }
        return Json.object().put("doubled", 2 * body.get("n").intValue());
    });

    private final Store store = new Store();
    private final MappingWriter writer = new MappingWriter(store, FORM);

    /** Says of each document whether it is stale: that at an odd position is. */
    private static final class Store implements DocumentWriter {

        private final List<Document> written = new ArrayList<>();
        private final List<AppliedTidemark> claimed = new ArrayList<>();
        private final List<String> calls = new ArrayList<>();

        @Override
        public void open() {
            calls.add("open");
        }

        @Override
        public List<AppliedTidemark> claims() {
            return CLAIMS;
        }

        @Override
        public void forget(Set<Integer> partitions) {
            calls.add("forget " + partitions);
        }

        @Override
        public void rejoin() {
            calls.add("rejoin");
        }

        @Override
        public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
            calls.add("write");
            written.addAll(batch);
            claimed.addAll(claims);
            return batch.stream()
                    .map(each -> each.version().position() % 2 == 1 ? WriteOutcome.stale() : WriteOutcome.applied())
                    .toList();
        }

        @Override
        public void close() {
            calls.add("close");
        }
    }

    private static Document document(int id, long position, @Nullable Integer n) {
        return new Document(
                "m",
                new RowKey("{\"id\":" + id + "}"),
                new Version(position, 0),
                n == null ? null : Json.object().put("n", n));
    }

    @Test
    void stores_get_what_the_mapping_makes_and_deletes_as_they_are() {
        assertThat(writer.write(List.of(document(1, 2, 3), document(2, 3, 4), document(3, 4, null)), CLAIMS))
                .containsExactly(WriteOutcome.applied(), WriteOutcome.stale(), WriteOutcome.applied());
        assertThat(store.written)
                .extracting(Document::body)
                .containsExactly(Json.object().put("doubled", 6), Json.object().put("doubled", 8), null);
        assertThat(store.claimed).isEqualTo(CLAIMS);
    }

    @Test
    void what_the_mapping_does_not_take_is_rejected_in_its_place_and_nothing_is_claimed_with_it() {
        List<WriteOutcome> outcomes =
                writer.write(List.of(document(1, 2, -1), document(2, 3, 4), document(3, 4, -5)), CLAIMS);

        assertThat(outcomes.get(0))
                .isInstanceOfSatisfying(WriteOutcome.Rejected.class, rejected -> assertThat(rejected.reason())
                        .contains("less than nothing"));
        assertThat(outcomes.get(1)).isEqualTo(WriteOutcome.stale());
        assertThat(outcomes.get(2)).isInstanceOf(WriteOutcome.Rejected.class);
        assertThat(store.written).extracting(Document::key).containsExactly(new RowKey("{\"id\":2}"));
        assertThat(store.claimed).isEmpty();
        assertThat(writer.write(List.of(document(1, 2, -1)), CLAIMS)).hasSize(1);
        assertThat(store.calls).as("an empty batch is none").containsExactly("write");
    }

    @Test
    void all_else_is_the_stores() {
        writer.open();
        writer.forget(Set.of(1));
        writer.rejoin();
        assertThat(writer.claims()).isEqualTo(CLAIMS);
        writer.close();
        assertThat(store.calls).containsExactly("open", "forget [1]", "rejoin", "close");
    }
}
