package io.tidemark.projections.internal.writing;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentBody;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.ParkedDocuments;
import io.tidemark.projections.internal.assembler.AssemblerTopology;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers a documents topic to one store: documents, then the applied tidemark of each partition, then the group's place in
 * it. What the store does not hold any more is read again, see {@link Places}.
 */
public final class DocumentDelivery extends ProjectionThread {

    /** Header of the record that marks a partition. */
    public static final String APPLIED_HEADER = "tidemark.applied";

    private static final Logger LOG = LoggerFactory.getLogger(DocumentDelivery.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long PAUSE_MS = 1_000;

    private final String collection;
    private final String topic;
    private final Map<String, Object> consumerConfig;
    private final DocumentWriter writer;
    private final AppliedTidemarks applied;
    private final BatchWriting writing;
    private final Parking parking;
    /** Of the documents being written, the partition each came from. */
    private final Map<RowKey, Integer> partitions = new HashMap<>();
    /** Of the documents that were read, those that are not there, and why. */
    private final Map<RowKey, String> withheld = new LinkedHashMap<>();

    private final Places places;
    private final Portion portion;
    private boolean joined;
    private @Nullable KafkaConsumer<byte[], byte[]> member;

    /**
     * Prepares delivery.
     *
     * @param consumerConfig with the group that keeps this delivery's place
     * @param parked of the model; closed with this
     * @param maxParked documents of this store that may be parked before a refusal stops the delivery
     */
    public DocumentDelivery(
            String name,
            String store,
            String collection,
            String topic,
            Map<String, Object> consumerConfig,
            DocumentWriter writer,
            AppliedTidemarks applied,
            ParkedDocuments parked,
            int maxParked) {
        super(name);
        this.collection = collection;
        this.topic = topic;
        this.consumerConfig = Map.copyOf(consumerConfig);
        this.writer = writer;
        this.applied = applied;
        this.places = new Places(name);
        this.portion = new Portion(ConsumerConfigs.longestBetweenPolls(consumerConfig));
        this.parking = new Parking(name, store, parked, this::requireMembership, maxParked);
        this.writing =
                new BatchWriting(name, writer, closing(), (document, reason) -> refused(document, reason, false));
    }

    @Override
    KafkaConsumer<byte[], byte[]> open() {
        writer.open();
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumerConfig);
        consumer.subscribe(List.of(topic), new Joining());
        member = consumer;
        return consumer;
    }

    /** Being given partitions confirms that they are ours to write. */
    private final class Joining implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            writer.rejoin();
            joined = true;
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            // Places are kept after each batch.
        }
    }

    @Override
    void turn(KafkaConsumer<byte[], byte[]> consumer) throws InterruptedException {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        countRead(records.count());
        try {
            if (joined) {
                // What came with the assignment is read again from where its partition is to be read from.
                begin(consumer);
                joined = false;
                return;
            }
            Set<Integer> ours = owned(consumer);
            if (!ours.isEmpty()) {
                parking.answer(collection, writer, ours::contains);
            }
            if (!records.isEmpty() || !places.claims(consumer).isEmpty()) {
                deliver(consumer, records);
            }
        } catch (TidemarkException e) {
            readAgain(consumer, e);
        }
    }

    private static Set<Integer> owned(KafkaConsumer<byte[], byte[]> consumer) {
        return consumer.assignment().stream().map(TopicPartition::partition).collect(Collectors.toSet());
    }

    private void begin(KafkaConsumer<byte[], byte[]> consumer) {
        applied.own(owned(consumer));
        // What the owner before us parked must be known before anything of its partitions is written.
        parking.catchUp();
        Set<Integer> filled = places.begin(consumer, writer.claims());
        parking.begin(partition -> places.isFilled(partition) && !filled.contains(partition));
        if (!filled.isEmpty()) {
            LOG.info("{}: partitions {} are filled from their beginning", name(), filled);
            applied.forget();
            // A former owner must not take back what its successor claims.
            requireMembership();
            writer.forget(filled);
        }
    }

    private void deliver(KafkaConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records)
            throws InterruptedException {
        Map<RowKey, Document> newest = new LinkedHashMap<>();
        partitions.clear();
        withheld.clear();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            Header marker = record.headers().lastHeader(APPLIED_HEADER);
            if (marker != null) {
                String text = new String(marker.value(), StandardCharsets.US_ASCII);
                places.marked(
                        new TopicPartition(record.topic(), record.partition()),
                        TidemarkRef.parse(text),
                        record.offset());
            } else {
                Document document = document(record);
                newest.remove(document.key());
                newest.put(document.key(), document);
                partitions.put(document.key(), record.partition());
                noteWithheld(document.key(), record);
            }
        }
        withheld.forEach((key, reason) -> refused(Objects.requireNonNull(newest.remove(key)), reason, true));
        newest.values().removeIf(document -> !isFilled(document) && parking.parks(partition(document), document));
        List<AppliedTidemark> claims = places.claims(consumer);
        Optional<List<Document>> last = writeAllButLast(consumer, List.copyOf(newest.values()));
        if (last.isPresent() && write(last.get(), claims)) {
            keepPlaces(consumer);
        }
    }

    /** Gives the last portion of a batch, or nothing when closing came first or the partitions may be somebody else's. */
    private Optional<List<Document>> writeAllButLast(KafkaConsumer<byte[], byte[]> consumer, List<Document> batch)
            throws InterruptedException {
        List<Document> left = batch;
        while (left.size() > portion.documents()) {
            int some = portion.documents();
            if (!write(left.subList(0, some), List.of()) || !isStillOwner(consumer)) {
                return Optional.empty();
            }
            left = left.subList(some, left.size());
        }
        return Optional.of(left);
    }

    /** Tells the group that we are there, and what it says; ends the thread when the delivery is closed. */
    private boolean isStillOwner(KafkaConsumer<byte[], byte[]> consumer) {
        Set<TopicPartition> before = consumer.assignment();
        consumer.pause(before);
        consumer.poll(Duration.ZERO);
        Set<TopicPartition> after = consumer.assignment();
        consumer.resume(after);
        if (!after.equals(before)) {
            joined = true;
        }
        if (!joined) {
            // A poll is no proof of membership, and what is written next counts on it.
            requireMembership();
        }
        return !joined;
    }

    private boolean write(List<Document> batch, List<AppliedTidemark> claims) throws InterruptedException {
        long begunNanos = System.nanoTime();
        try {
            return writeAll(batch, claims);
        } finally {
            // Also where it ends because the group has given us up meanwhile.
            portion.took(batch.size(), System.nanoTime() - begunNanos);
        }
    }

    private boolean writeAll(List<Document> batch, List<AppliedTidemark> claims) throws InterruptedException {
        Set<Integer> filled = claims.stream()
                .map(AppliedTidemark::partition)
                .filter(places::isFilled)
                .collect(Collectors.toSet());
        if (!writing.write(batch, filled.isEmpty() ? claims : List.of())) {
            return false;
        }
        batch.forEach(document -> {
            if (isFilled(document)) {
                parking.triedInFilling(document);
            } else {
                parking.tried(document);
            }
        });
        if (!filled.isEmpty()) {
            // A claim leaves out what is parked, and nothing else.
            parking.filled(filled::contains);
            if (!writing.write(List.of(), claims)) {
                return false;
            }
        }
        claims.forEach(claim -> applied.applied(claim.partition(), claim.tidemark()));
        return true;
    }

    /** Of a key only the newest record of the batch counts. */
    private void noteWithheld(RowKey key, ConsumerRecord<byte[], byte[]> record) {
        Header reason = record.headers().lastHeader(AssemblerTopology.WITHHELD_HEADER);
        if (reason == null) {
            withheld.remove(key);
        } else {
            withheld.put(key, new String(reason.value(), StandardCharsets.UTF_8));
        }
    }

    private void refused(Document document, String reason, boolean byAssembler) {
        Parking.Refused refused = new Parking.Refused(partition(document), document, reason, byAssembler);
        if (isFilled(document)) {
            parking.refusedInFilling(refused);
        } else {
            parking.refused(refused);
        }
    }

    private boolean isFilled(Document document) {
        return places.isFilled(partition(document));
    }

    /** That it came from. */
    private int partition(Document document) {
        return partitions.getOrDefault(document.key(), 0);
    }

    /** Gives the batch up: it, and what the store lost, is read again by whoever owns the partition then. */
    private void readAgain(KafkaConsumer<byte[], byte[]> consumer, TidemarkException why) throws InterruptedException {
        LOG.warn("{}: {}", name(), why.getMessage());
        if (why.code() == ErrorCode.DATA_LOSS) {
            applied.forget();
            places.forget();
            if (!writing.open()) {
                return;
            }
        } else if (why.code() == ErrorCode.UNREACHABLE) {
            if (closing().await(PAUSE_MS, TimeUnit.MILLISECONDS)) {
                return;
            }
        } else if (why.code() != ErrorCode.FENCED) {
            throw why;
        }
        consumer.unsubscribe();
        consumer.subscribe(List.of(topic), new Joining());
    }

    /** A place that could not be kept costs writing again what the versions fence. */
    private void keepPlaces(KafkaConsumer<byte[], byte[]> consumer) {
        try {
            consumer.commitSync(places.written(consumer));
            places.groupKeeps();
            // Only a member of the group may commit.
            writer.rejoin();
        } catch (CommitFailedException | RebalanceInProgressException | TimeoutException e) {
            LOG.warn("{} could not keep its place: {}", name(), e.getMessage());
        }
    }

    /** Only a member of the group may commit, so a place that is kept once more tells whether we are one. */
    private void requireMembership() {
        KafkaConsumer<byte[], byte[]> consumer = Objects.requireNonNull(member);
        try {
            consumer.commitSync(places.kept(consumer));
            writer.rejoin();
        } catch (CommitFailedException | RebalanceInProgressException e) {
            throw new TidemarkException(ErrorCode.FENCED, name() + " may not own its partitions any more", e);
        } catch (TimeoutException e) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE, name() + ": Kafka does not say whether it owns its partitions", e);
        }
    }

    private Document document(ConsumerRecord<byte[], byte[]> record) {
        Header header = record.headers().lastHeader(Version.HEADER);
        if (header == null) {
            throw new IllegalStateException("A record of " + topic + " has no version");
        }
        byte[] body = record.value();
        return new Document(
                collection,
                RowKey.decode(record.key()),
                Version.decode(header.value()),
                body == null || body.length == 0 ? null : DocumentBody.ofText(body),
                null);
    }

    @Override
    void release() {
        writer.close();
        parking.close();
    }
}
