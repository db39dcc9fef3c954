package io.tidemark.connect.sink;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.GracePeriod;
import io.tidemark.model.store.NewestPerKey;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.model.store.WriteOutcome;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A store in memory that fences as the real ones do, remembers deletes for an hour, and may be told to be away. */
final class MemoryStore implements TargetStore {

    /** Null content is a delete that is remembered. */
    private record Held(Version version, String content) {}

    private final Map<RowKey, Held> held = new TreeMap<>();
    private final Map<Integer, AppliedTidemark> claims = new TreeMap<>();
    private final TestClocks clocks;
    private Optional<String> lineage = Optional.empty();
    private int partitions;
    private Predicate<Document> refuses = document -> false;
    private String name = "target";
    private Set<String> keyNames = Set.of();
    private Versioning versioning = Versioning.ONE_NUMBER;
    private boolean served = true;
    private boolean away;
    private int opened;

    MemoryStore(TestClocks clocks) {
        this.clocks = clocks;
    }

    /** Contents by key. */
    Map<String, String> contents() {
        Map<String, String> contents = new LinkedHashMap<>();
        held.forEach((key, document) -> {
            if (document.content() != null) {
                contents.put(key.json(), document.content());
            }
        });
        return contents;
    }

    /** Numbers of the tidemarks that are claimed, by partition. */
    Map<Integer, Long> claimed() {
        return claims.values().stream().collect(Collectors.toMap(AppliedTidemark::partition, claim -> claim.tidemark()
                .number()));
    }

    /** As the configuration has it. */
    MemoryStore named(String target) {
        name = target;
        return this;
    }

    /** It keeps position and order apart, and applies truncates. */
    MemoryStore exact() {
        versioning = Versioning.POSITION_AND_ORDER;
        return this;
    }

    /** Its keys have these fields. */
    void keyed(String... names) {
        keyNames = Set.of(names);
    }

    /** Its readers are given another generation. */
    void giveReadersSomethingElse() {
        served = false;
    }

    int opened() {
        return opened;
    }

    void goAway(boolean now) {
        away = now;
    }

    void refuse(Predicate<Document> documents) {
        refuses = documents;
    }

    /** What an hour does. */
    void forgetDeletes() {
        held.values().removeIf(document -> document.content() == null);
    }

    /** Somebody else writes. */
    void write(String key, long position, String content) {
        held.put(new RowKey(key), new Held(new Version(position, 0), content));
    }

    /** Somebody else claims. */
    void claim(int partition, long number) {
        claims.put(partition, new AppliedTidemark(partition, TaskUnderTest.tidemark(number)));
    }

    @Override
    public void check() {
        // It is always there.
    }

    @Override
    public String targetKey() {
        return "target";
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String nameKey() {
        return "max.retries";
    }

    @Override
    public Set<String> keyNames(String topic) {
        return keyNames;
    }

    @Override
    public Versioning versioning() {
        return versioning;
    }

    @Override
    public boolean truncates() {
        return versioning == Versioning.POSITION_AND_ORDER;
    }

    @Override
    public DocumentWriter writer(Content content) {
        return new Writer(content.generation(), content.partitions());
    }

    @Override
    public ServedGeneration served(Content content) {
        return new ServedGeneration() {

            @Override
            public void serve(int decision) {
                throw new UnsupportedOperationException();
            }

            @Override
            public boolean isServed() {
                return served;
            }

            @Override
            public void drop() {
                throw new UnsupportedOperationException();
            }

            @Override
            public void close() {
                // It is in memory.
            }
        };
    }

    private final class Writer implements DocumentWriter {

        private final Generation generation;
        private final int written;
        private final GracePeriod grace = new GracePeriod(clocks.nanos(), clocks.wall());

        Writer(Generation generation, int written) {
            this.generation = generation;
            this.written = written;
        }

        @Override
        public void open() {
            opened++;
            if (lineage.isEmpty()) {
                lineage = Optional.of(generation.lineage());
                partitions = written;
            }
            generation.requireSame("memory", lineage.get(), partitions, written);
            grace.begin(Duration.ofHours(1));
        }

        @Override
        public List<AppliedTidemark> claims() {
            return List.copyOf(claims.values());
        }

        @Override
        public void forget(Set<Integer> some) {
            claims.keySet().removeAll(some);
        }

        @Override
        public void rejoin() {
            grace.confirm();
        }

        @Override
        public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claimed) {
            if (away) {
                throw new TidemarkException(ErrorCode.UNREACHABLE, "away");
            }
            grace.require("memory");
            NewestPerKey newest = NewestPerKey.of(batch);
            List<WriteOutcome> outcomes =
                    newest.spread(newest.documents().stream().map(this::write).toList());
            if (outcomes.stream().allMatch(WriteOutcome::settled)) {
                claimed.forEach(claim -> claims.put(claim.partition(), claim));
            }
            return outcomes;
        }

        private WriteOutcome write(Document document) {
            if (refuses.test(document)) {
                return new WriteOutcome.Rejected("refused");
            }
            if (!keyNames.isEmpty()) {
                keyNames.forEach(document.key()::text);
            }
            Held before = held.get(document.key());
            if (before != null && before.version().compareTo(document.version()) >= 0) {
                return WriteOutcome.stale();
            }
            held.put(
                    document.key(),
                    new Held(
                            document.version(),
                            document.content() == null
                                    ? null
                                    : document.content().toString()));
            return WriteOutcome.applied();
        }

        @Override
        public void close() {
            // It is in memory.
        }
    }
}
