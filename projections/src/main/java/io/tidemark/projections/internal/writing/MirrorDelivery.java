package io.tidemark.projections.internal.writing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Operation;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Document.Origin;
import io.tidemark.model.store.NewestPerKey;
import io.tidemark.model.store.TransactionalWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.TidemarkFollower;
import io.tidemark.projections.internal.writing.KeptVersions.Whole;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Mirrors tables into one store. One thread owns every partition and applies whole tidemarks, collapsed per key, in one
 * transaction with the claim: a reader of the store never sees half a source transaction.
 *
 * <p>What is too large for memory waits in Kafka until a tidemark covers it. Then it is read from the last claim on, and
 * written while it is read.
 *
 * <p>From nothing, everything up to the newest tidemark at the start is written as it comes and claimed as one.
 *
 * <p>A table that was altered in the source is altered with the tidemark that covers the first change of its new form.
 *
 * <p>For a store that keeps history nothing is collapsed, and all is written in the order of versions over all
 * partitions: those that are ahead wait.
 */
public final class MirrorDelivery extends ProjectionThread {

    private static final Duration POLL = Duration.ofMillis(10);

    /** With this much pending, partitions that are ahead of the next tidemark wait for the others. */
    private static final long HOLD_BACK_BYTES = 16 << 20;

    /** A tidemark that is not passed with this much pending is written while it is read. */
    private static final long MOST_PENDING_BYTES = 32 << 20;

    private static final long BATCH_BYTES = 4 << 20;
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(30);

    private final Map<String, TableId> tableByTopic = new HashMap<>();
    private final Map<String, Object> consumerConfig;
    private final TransactionalWriter writer;
    private final AppliedTidemarks applied;
    private final TidemarkFollower tidemarks;
    private final BatchWriting writing;
    private final PendingRows pending;
    private final Map<TopicPartition, Long> claimedOffsets = new HashMap<>();
    private final Map<TopicPartition, Long> readTo = new HashMap<>();
    private final Supplier<TidemarkRef> stored;
    private TidemarkRef claimed = TidemarkRef.NONE;
    private Optional<Cut> floor = Optional.empty();
    private final @Nullable KeptVersions kept;
    private final Descriptions descriptions;
    private List<Relation> described = List.of();
    private long readUpTo = Long.MAX_VALUE;
    /** When it was asked what the topics hold, of {@link System#nanoTime}. */
    private long askedNanos;

    /**
     * Prepares it.
     *
     * @param stored reads the applied tidemark the store holds; NONE for a new generation. Asked once the writer is open,
     *     when no other writer can move it any more
     * @param kept tells what topics still hold, for a writer that keeps every version; null for one that does not
     */
    public MirrorDelivery(
            String name,
            List<TableId> tables,
            Topics topics,
            int partitions,
            Map<String, Object> consumerConfig,
            TransactionalWriter writer,
            Supplier<TidemarkRef> stored,
            AppliedTidemarks applied,
            TidemarkFollower tidemarks,
            @Nullable KeptVersions kept) {
        super(name);
        tables.forEach(table -> tableByTopic.put(topics.changes(table), table));
        this.pending = new PendingRows(tableByTopic.keySet().stream()
                .flatMap(topic -> IntStream.range(0, partitions).mapToObj(each -> new TopicPartition(topic, each)))
                .toList());
        this.consumerConfig = Map.copyOf(consumerConfig);
        this.descriptions = new Descriptions(consumerConfig, tables, topics);
        this.writer = writer;
        this.stored = stored;
        this.applied = applied;
        this.tidemarks = tidemarks;
        this.kept = kept;
        this.writing = new BatchWriting(name, writer, closing());
    }

    @Override
    KafkaConsumer<byte[], byte[]> open() {
        descriptions.open();
        writer.open();
        claimed = stored.get();
        askedNanos = System.nanoTime() - KeptVersions.VALID_FOR.toNanos();
        floor = tidemarks.newestWhere(any -> true);
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumerConfig);
        consumer.assign(pending.partitions());
        if (!goesOnFromCommitted(consumer)) {
            consumer.seekToBeginning(pending.partitions());
        }
        pending.partitions().forEach(each -> claimedOffsets.put(each, consumer.position(each)));
        return consumer;
    }

    /**
     * Says from where on history is whole, should topics have forgotten some of what comes with a claim: all of it has been
     * read, from the one before on. False when closing came first.
     */
    private boolean proveWhole(Cut next) throws InterruptedException {
        KeptVersions versions = kept;
        boolean asked = System.nanoTime() - askedNanos < KeptVersions.VALID_FOR.toNanos();
        if (versions == null || (asked && !starting())) {
            return true;
        }
        return writing.writeAsOne(() -> {
            long now = System.nanoTime();
            Whole whole = versions.wholeFrom()
                    .filter(from -> !altersAfter(from.number()))
                    .orElseGet(() -> whole(next));
            if (starting() || claimed.number() < whole.number()) {
                writer.wholeFrom(whole.number(), whole.time());
            }
            askedNanos = now;
            return WriteOutcome.applied();
        });
    }

    /** Filled are the columns of the newest description: of versions before it, which an earlier build did not name, others are missing. */
    private boolean altersAfter(long number) {
        return starting()
                && described.stream()
                        .anyMatch(each -> each.version() > 1 && (each.from().position() > number || !each.saysFrom()));
    }

    /** The same before what will be claimed when it is read, however long that takes. */
    private boolean proveWholeBeforeReading(Cut next) throws InterruptedException {
        KeptVersions versions = kept;
        return versions == null
                || writing.writeAsOne(() -> {
                    Whole atEnd = whole(next);
                    Whole whole = versions.wholeForLong().orElse(atEnd);
                    if (claimed.number() < whole.number()) {
                        Whole later = whole.number() > atEnd.number() ? whole : atEnd;
                        writer.wholeFrom(later.number(), later.time());
                    }
                    return WriteOutcome.applied();
                });
    }

    private Whole whole(Cut cut) {
        return new Whole(
                cut.tidemark().number(), tidemarks.publishedAt(cut.tidemark()).orElseGet(Instant::now));
    }

    /**
     * Whether the committed offsets may be trusted: each says for which tidemark it was committed, and a store that was
     * set back (restored, failed over) claims less than that.
     */
    private boolean goesOnFromCommitted(KafkaConsumer<byte[], byte[]> consumer) {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(pending.partitions());
        return !starting()
                && pending.partitions().stream().allMatch(each -> {
                    OffsetAndMetadata offset = committed.get(each);
                    return offset != null
                            && !offset.metadata().isEmpty()
                            && claimed.isAtLeast(TidemarkRef.parse(offset.metadata()));
                });
    }

    private boolean starting() {
        return claimed.equals(TidemarkRef.NONE);
    }

    @Override
    void turn(KafkaConsumer<byte[], byte[]> consumer) throws InterruptedException {
        read(consumer);
        Optional<Cut> bottom = bottom();
        if (bottom.isPresent()) {
            fill(consumer, bottom.get());
        } else {
            Optional<Cut> passed =
                    tidemarks.newestWhere(cut -> behind(consumer, cut).isEmpty());
            if (passed.isPresent() && mayFollow(passed.get().tidemark())) {
                apply(consumer, passed.get());
            }
        }
        if (pending.bytes() > HOLD_BACK_BYTES) {
            reachTheNext(consumer);
        } else {
            consumer.resume(consumer.paused());
        }
    }

    /** How many records it got. */
    private int read(KafkaConsumer<byte[], byte[]> consumer) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        for (TopicPartition partition : records.partitions()) {
            countFirstTime(partition, records.records(partition));
        }
        records.forEach(this::take);
        return records.count();
    }

    /** What is read again, since it could not be written, is no progress. */
    private void countFirstTime(TopicPartition partition, List<ConsumerRecord<byte[], byte[]>> records) {
        long unread = readTo.getOrDefault(partition, 0L);
        countRead((int)
                records.stream().filter(record -> record.offset() >= unread).count());
        readTo.put(partition, Math.max(unread, records.get(records.size() - 1).offset() + 1));
    }

    /** The first cut to reach, while the store holds none. */
    private Optional<Cut> bottom() {
        return starting() ? floor : Optional.empty();
    }

    /**
     * Whether a tidemark may be the next one: between the claim and the first description that is known, nobody knows what
     * rows mean.
     */
    private boolean mayFollow(TidemarkRef tidemark) {
        return tidemark.compareTo(claimed) > 0 && tidemark.number() >= descriptions.knownFrom();
    }

    /** The partitions in which a cut is not read to its end. */
    private List<TopicPartition> behind(KafkaConsumer<byte[], byte[]> consumer, Cut cut) {
        return pending.partitions().stream()
                .filter(each -> consumer.position(each) < cut.offset(each.topic(), each.partition()))
                .toList();
    }

    private static void readOnly(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> some) {
        consumer.pause(consumer.assignment());
        consumer.resume(some);
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        Header header = record.headers().lastHeader(Version.HEADER);
        TableId table = tableByTopic.get(record.topic());
        if (header == null || table == null) {
            throw new IllegalStateException("A record of " + record.topic() + " is none of capture's");
        }
        Version version = Version.decode(header.value());
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        pending.passed(partition, version);
        if (claimed.covers(version.position()) || version.position() > readUpTo) {
            return;
        }
        // A tombstone repeats the delete before it, of which compaction may leave nothing else.
        byte[] value = record.value();
        ObjectNode envelope = value == null ? Json.object() : Json.parseObject(value);
        ObjectNode after = envelope.get("after") instanceof ObjectNode object ? object : null;
        Origin origin = kept == null ? null : origin(envelope);
        pending.add(
                partition,
                new Document(table.toString(), RowKey.decode(record.key()), version, after).from(origin),
                record.serializedKeySize() + Math.max(0, record.serializedValueSize()));
    }

    /** Of a tombstone's delete the time is not known: it takes that of what comes before it. */
    private static Origin origin(ObjectNode envelope) {
        return envelope.isEmpty()
                ? new Origin(Operation.DELETE, Instant.EPOCH)
                : new Origin(
                        Operation.ofCode(envelope.required("op").textValue()),
                        Instant.ofEpochMilli(envelope.required("ts_ms").longValue()));
    }

    /** Tells the writer how tables are described up to a cut; false while that is not known. */
    private boolean describe(Cut cut) {
        if (!descriptions.reaches(cut)) {
            return false;
        }
        List<Relation> covered = starting() ? descriptions.newestCoveredBy(cut) : descriptions.coveredBy(cut);
        if (!covered.equals(described)) {
            writer.describe(covered);
            described = covered;
        }
        return true;
    }

    private void apply(KafkaConsumer<byte[], byte[]> consumer, Cut cut) throws InterruptedException {
        TidemarkRef tidemark = cut.tidemark();
        if (describe(cut) && proveWhole(cut) && writing.write(covered(tidemark.number(), List.of()), claim(tidemark))) {
            applied(consumer, cut);
        }
    }

    /** From nothing: what the floor covers is written as it comes, and claimed when all of it is. */
    private void fill(KafkaConsumer<byte[], byte[]> consumer, Cut bottom) throws InterruptedException {
        List<TopicPartition> behind = behind(consumer, bottom);
        if (behind.isEmpty()) {
            apply(consumer, bottom);
            return;
        }
        if (!describe(bottom)) {
            return;
        }
        List<Document> covered = covered(bottom.tidemark().number(), behind);
        if (!covered.isEmpty()) {
            writing.write(covered, List.of());
        }
    }

    private static List<AppliedTidemark> claim(TidemarkRef tidemark) {
        return List.of(new AppliedTidemark(0, tidemark));
    }

    private void applied(KafkaConsumer<byte[], byte[]> consumer, Cut cut) {
        claimed = cut.tidemark();
        pending.partitions()
                .forEach(each -> claimedOffsets.merge(each, cut.offset(each.topic(), each.partition()), Math::max));
        applied.applied(0, claimed);
        commit(consumer, cut);
    }

    /** Only the claim says how far the store is; these offsets say where reading may go on from at the earliest. */
    private void commit(KafkaConsumer<byte[], byte[]> consumer, Cut cut) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (TopicPartition each : pending.partitions()) {
            long offset = cut.offset(each.topic(), each.partition());
            offsets.put(each, new OffsetAndMetadata(offset, cut.tidemark().toString()));
        }
        consumer.commitAsync(offsets, null);
    }

    /** What is to be written of it: every version in order, or the newest of each key. */
    private List<Document> covered(long number, List<TopicPartition> behind) {
        return kept != null
                ? pending.takeInOrder(number, behind)
                : NewestPerKey.of(pending.takeUpTo(number)).documents();
    }

    /** The partitions to read of those that are behind. */
    private List<TopicPartition> next(List<TopicPartition> behind) {
        return kept != null ? pending.holdingUp(behind) : behind;
    }

    private void reachTheNext(KafkaConsumer<byte[], byte[]> consumer) throws InterruptedException {
        Optional<Cut> bottom = bottom();
        if (bottom.isPresent()) {
            readOnly(consumer, next(behind(consumer, bottom.get())));
            return;
        }
        Optional<Cut> next = tidemarks.oldestWhere(this::mayFollow);
        if (next.isPresent() && pending.bytes() > MOST_PENDING_BYTES) {
            applyWhileReading(consumer, next.get());
        } else {
            // Without a next one the rows belong to a transaction of which capture has not sent all.
            readOnly(consumer, next.map(cut -> behind(consumer, cut)).orElse(List.of()));
        }
    }

    private void applyWhileReading(KafkaConsumer<byte[], byte[]> consumer, Cut cut) throws InterruptedException {
        if (!describe(cut) || !proveWholeBeforeReading(cut)) {
            return;
        }
        readUpTo = cut.tidemark().number();
        boolean written = writing.writeAsOne(() -> {
            readFromClaimed(consumer);
            return writer.writeAsOne(new CoveredBatches(consumer, cut), claim(cut.tidemark()));
        });
        readUpTo = Long.MAX_VALUE;
        if (written) {
            // It took long to read.
            askedNanos = System.nanoTime() - KeptVersions.VALID_FOR.toNanos();
            applied(consumer, cut);
            readFromClaimed(consumer);
        }
    }

    private void readFromClaimed(KafkaConsumer<byte[], byte[]> consumer) {
        pending.clear();
        claimedOffsets.forEach(consumer::seek);
    }

    /** Reads up to a cut, some rows at a time, and leaves out what is beyond it. */
    private final class CoveredBatches implements Iterator<List<Document>> {

        private final KafkaConsumer<byte[], byte[]> consumer;
        private final Cut cut;
        private List<Document> next = List.of();
        private long progressNanos = System.nanoTime();

        private CoveredBatches(KafkaConsumer<byte[], byte[]> consumer, Cut cut) {
            this.consumer = consumer;
            this.cut = cut;
        }

        @Override
        public boolean hasNext() {
            List<TopicPartition> behind = behind(consumer, cut);
            while (next.isEmpty() && !behind.isEmpty()) {
                readOnly(consumer, pending.bytes() > BATCH_BYTES ? MirrorDelivery.this.next(behind) : behind);
                requireProgress(read(consumer) == 0);
                behind = behind(consumer, cut);
                if (behind.isEmpty() || pending.bytes() > BATCH_BYTES) {
                    long number = cut.tidemark().number();
                    next = kept != null ? pending.takeInOrder(number, behind) : pending.takeUpTo(number);
                }
            }
            return !next.isEmpty();
        }

        /** A transaction must not be open for as long as Kafka is away: it holds up whoever takes over. */
        private void requireProgress(boolean nothing) {
            if (!nothing) {
                progressNanos = System.nanoTime();
            } else if (System.nanoTime() - progressNanos > LONGEST_SILENCE.toNanos()) {
                throw new TidemarkException(
                        ErrorCode.UNREACHABLE,
                        name() + ": Kafka sends nothing more of tidemark " + cut.tidemark() + " since "
                                + LONGEST_SILENCE.toSeconds() + " s");
            }
        }

        @Override
        public List<Document> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            List<Document> batch = next;
            next = List.of();
            return batch;
        }
    }

    @Override
    void release() {
        descriptions.close();
        writer.close();
    }
}
