package io.tidemark.testkit.conformance;

import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.Mend;
import io.tidemark.model.store.MendOutcome;
import io.tidemark.model.store.StoredDocument;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A store in memory, with a defect or without. */
final class InMemoryStore implements StoreUnderTest {

    private final Defect defect;
    private final Map<Difference, String> differences;
    private final InMemoryServer server;

    InMemoryStore(Defect defect) {
        this(defect, Map.of());
    }

    InMemoryStore(Defect defect, Map<Difference, String> differences) {
        this.defect = defect;
        this.differences = differences;
        this.server = new InMemoryServer(defect);
    }

    @Override
    public Generation generation() {
        return new Generation("memory", 1, "lineage-a");
    }

    @Override
    public String collection() {
        return "memory";
    }

    @Override
    public DocumentWriter writer(Generation generation, int partitions) {
        return new InMemoryWriter(server, generation, partitions, defect);
    }

    @Override
    public DocumentReader reader(Generation generation) {
        return new Reader();
    }

    @Override
    public DocumentMender mender(Generation generation) {
        return new Mender();
    }

    @Override
    public Document poison(long id, long position) {
        return new Document(
                collection(),
                Scenario.key(id),
                new Version(position, 0),
                Json.object().put("id", id).put("v", InMemoryServer.POISON));
    }

    @Override
    public Map<Difference, String> differences() {
        return differences;
    }

    @Override
    public void loseAnswer(int nth) {
        server.loseAnswer(nth);
    }

    @Override
    public boolean answerWasLost() {
        return server.answerWasLost();
    }

    @Override
    public void hold() {
        server.hold();
    }

    @Override
    public void release() {
        server.release();
    }

    @Override
    public void kill() {
        server.alive(false);
    }

    @Override
    public void restart() {
        server.alive(true);
    }

    @Override
    public void readOnly(boolean on) {
        server.takesWrites(!on);
    }

    @Override
    public void full(boolean on) {
        server.takesWrites(!on);
    }

    @Override
    public void empty() {
        server.empty();
    }

    @Override
    public void backUp() {
        server.backUp();
    }

    @Override
    public void setBack() {
        server.setBack();
    }

    @Override
    public void shortenGrace() {
        server.shortenGrace();
    }

    @Override
    public void outlastGrace() {
        server.outlastGrace();
    }

    @Override
    public void close() {
        server.release();
    }

    private final class Mender implements DocumentMender {

        @Override
        public List<MendOutcome> mend(List<Mend> mends) {
            List<MendOutcome> outcomes =
                    new ArrayList<>(mends.stream().map(server::mend).toList());
            if (defect == Defect.MENDS_IN_ANOTHER_ORDER) {
                Collections.reverse(outcomes);
            }
            return outcomes;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private final class Reader implements DocumentReader {

        @Override
        public Optional<TidemarkRef> appliedTidemark() {
            if (defect == Defect.READS_THE_MAXIMUM_AS_APPLIED) {
                return server.claims().stream().map(AppliedTidemark::tidemark).max(Comparator.naturalOrder());
            }
            return AppliedTidemark.ofGeneration(server.claims(), server.partitions());
        }

        @Override
        public Map<RowKey, StoredDocument> get(String collection, List<RowKey> keys) {
            Map<RowKey, StoredDocument> found = new HashMap<>();
            server.documents().stream()
                    .filter(each -> keys.contains(each.key()) || defect == Defect.GETS_WHAT_WAS_NOT_ASKED_FOR)
                    .forEach(each -> found.put(each.key(), each));
            return found;
        }

        @Override
        public void scan(String collection, int batchSize, Consumer<List<StoredDocument>> batches) {
            List<StoredDocument> all = new ArrayList<>(server.documents());
            if (defect == Defect.SCANS_TWICE) {
                all.addAll(server.documents());
            }
            for (int from = 0; from < all.size(); from += batchSize) {
                batches.accept(all.subList(from, Math.min(all.size(), from + batchSize)));
            }
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
