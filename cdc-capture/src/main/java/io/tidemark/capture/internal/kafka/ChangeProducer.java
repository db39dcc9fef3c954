package io.tidemark.capture.internal.kafka;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Gap;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Writes changes and the tidemark that covers them in one Kafka transaction. Used by one thread.
 *
 * <p>A Kafka transaction begins with the first record sent and ends with {@link #commit}. One transaction of the source
 * that is larger than a part is spread over several: what is durable of it is said in the state, and only the last one
 * has its tidemark. After any exception the producer is
 * of no further use: close it, which leaves the open transaction to be aborted by the next {@link #init}.
 */
public final class ChangeProducer implements ChangeSink, AutoCloseable {

    /** Tidemarks between two that list the offsets of all topics. */
    private static final int FULL_EVERY = 50;

    /** Much less than the transaction timeout. */
    private static final long OLD_NANOS = 10_000_000_000L;

    /**
     * Time the brokers have to mark a transaction's end in its partitions. A record of the next one that comes before they
     * have is put off by 20 ms and more (add.partitions.to.txn.retry.backoff.ms of the brokers).
     */
    private static final long MARKING_NANOS = 4_000_000L;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final int TRANSACTION_TIMEOUT_MS = 15 * 60 * 1000;

    /** A Kafka transaction is to be ended when it has this many records, or bytes. */
    private static final int PART_RECORDS = 50_000;

    private static final long PART_BYTES = 64L * 1024 * 1024;

    private final Topics topics;
    private final int partitions;
    private final Producer<byte[], byte[]> producer;
    private final Map<TableId, SentRecords[]> changes = new HashMap<>();
    private final Map<TopicPartition, SentRecords> others = new HashMap<>();

    /** Partitions that something was sent to since the last commit, and those of the transaction that is open. */
    private final List<SentRecords> touched = new ArrayList<>();

    private final List<SentRecords> ofOpenTransaction = new ArrayList<>();

    /** Ends of earlier parts of the transaction that is open, and of those that were complete since the last commit. */
    private Map<TopicPartition, Long> partsOfOpen = Map.of();

    private final Map<TopicPartition, Long> partsOfComplete = new HashMap<>();
    private final AtomicReference<@Nullable TidemarkException> failure = new AtomicReference<>();
    private boolean open;
    private int openRecords;
    private long openBytes;
    private int sinceFull = FULL_EVERY;
    private long openedNanos;
    private long committedNanos = System.nanoTime();

    public ChangeProducer(CaptureSettings settings) {
        this.topics = settings.topics();
        this.partitions = settings.partitions();
        for (TableId table : settings.tables()) {
            changes.put(table, records(topics.changes(table)));
        }
        this.producer = new KafkaProducer<>(config(settings));
    }

    private SentRecords[] records(String topic) {
        return IntStream.range(0, partitions)
                .mapToObj(partition -> new SentRecords(new TopicPartition(topic, partition)))
                .toArray(SentRecords[]::new);
    }

    private static Map<String, Object> config(CaptureSettings settings) {
        Map<String, Object> config = new HashMap<>(settings.kafkaClient());
        config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, settings.topics().prefix() + ".capture");
        config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
        config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        return config;
    }

    /** Fences every other capture of this slot; what it left open is aborted. */
    public void init() {
        guarded(producer::initTransactions);
    }

    @Override
    public void send(TableId table, RowKey key, Version version, byte @Nullable [] envelope) {
        byte[] keyBytes = key.encode();
        send(table, partitionOf(keyBytes, partitions), keyBytes, version, envelope);
    }

    /** The partition of a key: that which Kafka's own producer would choose. */
    public static int partitionOf(byte[] key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key)) % partitions;
    }

    @Override
    public void sendTruncate(TableId table, int partition, Version version, byte[] envelope) {
        send(table, partition, RowKey.TRUNCATE.encode(), version, envelope);
    }

    private void send(TableId table, int partition, byte[] key, Version version, byte @Nullable [] envelope) {
        sendChange(Objects.requireNonNull(changes.get(table))[partition], key, version, envelope);
    }

    @Override
    public void sendMessage(byte[] key, Version version, byte[] envelope) {
        sendChange(other(topics.messages()), key, version, envelope);
    }

    private void sendChange(SentRecords records, byte[] key, Version version, byte @Nullable [] envelope) {
        sendOfTransaction(records, key, envelope, List.of(new RecordHeader(Version.HEADER, version.encode())));
    }

    /** What a tidemark covers: it tells how far. */
    private void sendOfTransaction(SentRecords records, byte[] key, byte @Nullable [] value, List<Header> headers) {
        if (send(records, key, value, headers)) {
            ofOpenTransaction.add(records);
        }
    }

    @Override
    public void sendRelation(Relation relation) {
        byte[] key = relation.table().toString().getBytes(StandardCharsets.UTF_8);
        sendOfTransaction(other(topics.relations()), key, Json.bytes(relation.toJson()), List.of());
    }

    /** Keeps something beside the relations, under a name that is no table's. */
    public void sendNote(String name, ObjectNode note) {
        sendOfTransaction(other(topics.relations()), ascii(name), Json.bytes(note), List.of());
    }

    private SentRecords other(String topic) {
        return others.computeIfAbsent(new TopicPartition(topic, 0), SentRecords::new);
    }

    private void sendOther(String topic, byte[] key, byte[] value) {
        boolean unused = send(other(topic), key, value, List.of());
    }

    /** What was sent since the last call is all of a transaction of the source. */
    public void endOfTransaction() {
        ofOpenTransaction.forEach(SentRecords::endOfTransaction);
        ofOpenTransaction.clear();
        partsOfComplete.putAll(partsOfOpen);
        partsOfOpen = Map.of();
    }

    /** What follows belongs to a transaction of which this much is durable. */
    public void goOnAfter(HalfTransaction half) {
        Map<TopicPartition, Long> parts = new HashMap<>();
        half.offsets().forEach((topic, offsets) -> {
            for (int partition = 0; partition < offsets.size(); partition++) {
                if (offsets.get(partition) > 0) {
                    parts.put(new TopicPartition(topic, partition), offsets.get(partition));
                }
            }
        });
        partsOfOpen = parts;
    }

    /** Whether what was sent has waited long for its commit: Kafka aborts a transaction in the end. */
    public boolean isOld() {
        return open && System.nanoTime() - openedNanos > OLD_NANOS;
    }

    /** Whether so much was sent that it should be committed, in the middle of a transaction of the source if need be. */
    public boolean isFull() {
        return openRecords >= PART_RECORDS || openBytes >= PART_BYTES;
    }

    /**
     * Commits what was sent, with the tidemark that covers the complete transactions.
     *
     * @param state what capture started from or committed last, with what it has seen since
     * @param next number, LSN and newly covered transactions; its offsets are found here. Not published when it says
     *     nothing that {@code state} does not
     * @param half the transaction that is not complete yet; its offsets are found here
     * @return the state that is durable now
     */
    public CaptureState commit(CaptureState state, Tidemark next, @Nullable HalfTransaction half) {
        begin();
        awaitMarked();
        guarded(producer::flush);
        throwFailure();
        Map<TopicPartition, Long> moved = movedByComplete();
        Map<String, List<Long>> offsets = withMoved(state.cut().offsets(), moved);
        changes.keySet().forEach(table -> offsets.computeIfAbsent(topics.changes(table), this::zeros));
        // Named from the first tidemark on, also after a capture of an earlier build: mirrors wait for that.
        offsets.computeIfAbsent(topics.relations(), this::zeros);
        Cut cut = new Cut(next.ref(), offsets);
        HalfTransaction durable = half == null
                ? null
                : new HalfTransaction(
                        half.xid(), half.commitLsn(), half.changes(), withMoved(half.offsets(), movedByOpen()));
        boolean publishes = !state.holdsTidemarks() && !next.ref().equals(state.published());
        CaptureState newState = state.at(cut, publishes ? next.ref() : state.published(), durable)
                .withOpenGap(gap -> publishes ? gap.endedBy(next.number()) : gap);
        if (publishes) {
            Gap ended = state.openGap().map(gap -> gap.endedBy(next.number())).orElse(null);
            sendTidemark(next, newState, moved, ended);
        } else if (!moved.isEmpty()) {
            fullTidemarkNext();
        }
        sendOther(topics.state(), ascii(CaptureState.KEY), Json.bytes(newState.toJson()));
        // Not left to commitTransaction: its sender thread looks for unsent batches before it looks for the end of the
        // transaction, and may see none of the one and then the other. What was sent last is then in no transaction.
        guarded(producer::flush);
        requireAcknowledged();
        guarded(producer::commitTransaction);
        committedNanos = System.nanoTime();
        open = false;
        openRecords = 0;
        openBytes = 0;
        touched.forEach(SentRecords::committed);
        touched.clear();
        ofOpenTransaction.clear();
        partsOfComplete.clear();
        if (durable != null) {
            goOnAfter(durable);
        }
        return newState;
    }

    private Map<TopicPartition, Long> movedByComplete() {
        Map<TopicPartition, Long> moved = new HashMap<>(partsOfComplete);
        for (SentRecords records : touched) {
            if (records.endOfComplete() > 0) {
                moved.put(records.partition(), records.endOfComplete());
            }
        }
        return moved;
    }

    private Map<TopicPartition, Long> movedByOpen() {
        Map<TopicPartition, Long> moved = new HashMap<>();
        ofOpenTransaction.forEach(records -> moved.put(records.partition(), records.end()));
        return moved;
    }

    private void awaitMarked() {
        for (long left = leftToMark(); left > 0; left = leftToMark()) {
            LockSupport.parkNanos(left);
        }
    }

    private long leftToMark() {
        return MARKING_NANOS - (System.nanoTime() - committedNanos);
    }

    /** The next tidemark names every topic again, as after a table was added. */
    public void fullTidemarkNext() {
        sinceFull = FULL_EVERY;
    }

    private void sendTidemark(Tidemark next, CaptureState state, Map<TopicPartition, Long> moved, @Nullable Gap gap) {
        boolean full = ++sinceFull >= FULL_EVERY;
        Map<String, List<Long>> offsets =
                new LinkedHashMap<>(full ? state.cut().offsets() : movedOffsets(state.cut(), moved));
        state.uncut().forEach(table -> offsets.remove(topics.changes(table)));
        Tidemark tidemark =
                new Tidemark(next.number(), next.lsn(), full, offsets, next.transactions(), next.unlistedTo(), gap);
        sendOther(topics.tidemarks(), ascii("tidemark"), Json.bytes(tidemark.toJson()));
        sinceFull = full ? 0 : sinceFull;
    }

    private void begin() {
        if (!open) {
            guarded(producer::beginTransaction);
            open = true;
            openedNanos = System.nanoTime();
        }
    }

    /** Says whether it is the first of the open transaction for its partition. */
    private boolean send(SentRecords records, byte[] key, byte @Nullable [] value, List<Header> headers) {
        begin();
        openRecords++;
        openBytes += value == null ? 0 : value.length;
        if (records.isUntouched()) {
            touched.add(records);
        }
        TopicPartition to = records.partition();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(to.topic(), to.partition(), key, value, headers);
        guarded(() -> {
            // The callback tells of success and failure; commit() waits for it and looks.
            var unused = producer.send(record, (metadata, exception) -> acknowledge(records, metadata, exception));
        });
        return records.sent();
    }

    private void acknowledge(SentRecords records, RecordMetadata metadata, @Nullable Exception exception) {
        TopicPartition partition = records.partition();
        if (exception != null || !metadata.hasOffset()) {
            Exception lost = new KafkaException("Kafka took a record and did not say at which offset");
            failure.compareAndSet(null, explain(exception == null ? lost : exception, partition.topic()));
            return;
        }
        long before = records.acknowledged(metadata.offset());
        if (before >= 0) {
            failure.compareAndSet(null, madeAnew(partition, metadata.offset(), before));
        }
    }

    /** In a topic made anew underneath, offsets begin again; what the former one held is lost. */
    private TidemarkException madeAnew(TopicPartition partition, long offset, long before) {
        return new TidemarkException(
                ErrorCode.DATA_LOSS,
                "Topic partition " + partition + " took a record at offset " + offset + " after one at " + before
                        + ": the topic was made anew while it was written, and what it held is lost. Drop the topics with prefix '"
                        + topics.prefix()
                        + "' and the slot to start over, or use a new kafka.prefix and slot");
    }

    private Map<String, List<Long>> withMoved(Map<String, List<Long>> before, Map<TopicPartition, Long> moved) {
        Map<String, List<Long>> offsets = new LinkedHashMap<>();
        before.forEach((topic, perPartition) -> offsets.put(topic, new ArrayList<>(perPartition)));
        moved.forEach((partition, offset) ->
                offsets.computeIfAbsent(partition.topic(), this::zeros).set(partition.partition(), offset));
        return offsets;
    }

    private static Map<String, List<Long>> movedOffsets(Cut cut, Map<TopicPartition, Long> moved) {
        Map<String, List<Long>> offsets = new LinkedHashMap<>();
        moved.keySet()
                .forEach(partition ->
                        offsets.put(partition.topic(), cut.offsets().getOrDefault(partition.topic(), List.of())));
        return offsets;
    }

    private List<Long> zeros(String topic) {
        boolean single = topic.equals(topics.messages()) || topic.equals(topics.relations());
        return new ArrayList<>(Collections.nCopies(single ? 1 : partitions, 0L));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The tidemark says that the changes are there, and the slot is confirmed for it: Kafka has said so of each record. */
    private void requireAcknowledged() {
        throwFailure();
        int missing = touched.stream().mapToInt(SentRecords::unacknowledged).sum();
        if (missing != 0) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE, "Kafka did not acknowledge " + missing + " of the records sent to it");
        }
    }

    private void throwFailure() {
        TidemarkException exception = failure.get();
        if (exception != null) {
            throw exception;
        }
    }

    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (KafkaException e) {
            // After a record failed, every call does, and only the record's own failure says why.
            throwFailure();
            throw explain(e, "");
        }
    }

    /** What an error of the producer means; the topic is empty where it is of no record. */
    private static TidemarkException explain(Exception e, String topic) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                return new TidemarkException(
                        ErrorCode.FENCED, "Another capture took over this prefix; this one stops writing", e);
            }
            if (cause instanceof RecordTooLargeException) {
                return new TidemarkException(
                        ErrorCode.NOT_CAPTURABLE,
                        "A change for topic " + topic + " is larger than Kafka takes: "
                                + String.valueOf(cause.getMessage()).replaceAll("[.\\s]+$", "")
                                + ". Raise max.request.size under kafka: in the configuration and max.message.bytes of the topic (or message.max.bytes on the brokers), then start again; nothing is lost",
                        e);
            }
            if (cause instanceof AuthorizationException) {
                return new TidemarkException(
                        ErrorCode.FAILED, "Kafka does not allow capture to write: " + cause.getMessage(), e);
            }
        }
        // Anything else may pass, and starting again from the slot loses nothing.
        return new TidemarkException(ErrorCode.UNREACHABLE, "Kafka did not take the changes: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        producer.close(CLOSE_TIMEOUT);
    }
}
