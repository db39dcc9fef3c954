package io.tidemark.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.model.store.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A store with one open writer, and the words cases are written in. */
final class Scenario implements AutoCloseable {

    static final int PARTITIONS = 2;

    private final StoreUnderTest store;
    private final List<DocumentWriter> writers = new ArrayList<>();

    private Scenario(StoreUnderTest store) {
        this.store = store;
    }

    static Scenario begin(StoreUnderTest store) {
        Scenario scenario = new Scenario(store);
        try {
            scenario.open();
            return scenario;
        } catch (RuntimeException e) {
            scenario.close();
            throw e;
        }
    }

    StoreUnderTest store() {
        return store;
    }

    boolean differs(Difference difference) {
        return store.differences().containsKey(difference);
    }

    /** The writer the case began with. */
    DocumentWriter writer() {
        return writers.get(0);
    }

    /** Opens one more writer of the generation. */
    DocumentWriter open() {
        return open(store.generation(), PARTITIONS);
    }

    DocumentWriter open(Generation generation, int partitions) {
        DocumentWriter writer = store.writer(generation, partitions);
        writers.add(writer);
        writer.open();
        return writer;
    }

    List<WriteOutcome> write(Document... batch) {
        return write(writer(), batch);
    }

    List<WriteOutcome> write(DocumentWriter by, Document... batch) {
        return write(by, List.of(batch), List.of());
    }

    /** Writes; where the writer finds out that its connection is dead, once more. */
    List<WriteOutcome> writeOverANewConnection(Document document) {
        List<WriteOutcome> outcomes = write(document);
        return outcomes.get(0) instanceof WriteOutcome.Retriable ? write(document) : outcomes;
    }

    /** Writes, and checks what holds of every answer: there is one outcome per document. */
    List<WriteOutcome> write(DocumentWriter by, List<Document> batch, List<AppliedTidemark> claims) {
        List<WriteOutcome> outcomes = by.write(batch, claims);
        assertThat(outcomes).as("one outcome per document").hasSameSizeAs(batch);
        return outcomes;
    }

    void claim(AppliedTidemark... claims) {
        write(writer(), List.of(), List.of(claims));
    }

    Document set(long id, long position) {
        return set(id, position, text(position));
    }

    /** A document whose text, of any length, begins with its position. */
    Document set(long id, long position, String text) {
        return new Document(
                store.collection(),
                key(id),
                new Version(position, 0),
                Json.object().put("id", id).put("v", text));
    }

    Document delete(long id, long position) {
        return new Document(store.collection(), key(id), new Version(position, 0), null);
    }

    static RowKey key(long id) {
        return new RowKey("{\"id\":" + id + "}");
    }

    static String text(long position) {
        return "v" + position;
    }

    static AppliedTidemark mark(int partition, long number) {
        return new AppliedTidemark(partition, new TidemarkRef(number, new Lsn(number * 100)));
    }

    /** Claims of one number for all partitions. */
    static List<AppliedTidemark> marks(long number) {
        return List.of(mark(0, number), mark(1, number));
    }

    Optional<TidemarkRef> applied() {
        try (DocumentReader reader = store.reader(store.generation())) {
            return reader.appliedTidemark();
        }
    }

    /** Position by id of all the store holds. */
    Map<Long, Long> contents() {
        Map<Long, Long> contents = new TreeMap<>();
        for (StoredDocument document : documents()) {
            long id = document.key().values().path("id").asLong(-1);
            String text = document.body().path("v").asText();
            assertThat(text)
                    .as("the text beside position %d", document.position())
                    .startsWith(text(document.position()));
            contents.put(id, document.position());
        }
        return contents;
    }

    List<StoredDocument> documents() {
        List<StoredDocument> all = new ArrayList<>();
        try (DocumentReader reader = store.reader(store.generation())) {
            reader.scan(store.collection(), 1_000, all::addAll);
        }
        return all;
    }

    static void assertRetriable(List<WriteOutcome> outcomes) {
        assertThat(outcomes).isNotEmpty().allMatch(WriteOutcome.Retriable.class::isInstance);
    }

    static void assertCode(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(TidemarkException.class, e -> assertThat(e.code())
                .as(e.getMessage())
                .isEqualTo(code));
    }

    @Override
    public void close() {
        writers.forEach(DocumentWriter::close);
    }
}
