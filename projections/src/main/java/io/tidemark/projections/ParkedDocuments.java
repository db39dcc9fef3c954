package io.tidemark.projections;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import io.tidemark.projections.ParkedDocument.ParkedKey;
import io.tidemark.projections.internal.writing.ConsumerConfigs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The documents of one model that are parked, and what people want done with them, as its parked topic says. The topic has
 * one partition, and a record for each parked version and each wish. What is known here is what the topic says up to the
 * last own write or look, never more. Not thread-safe.
 */
public final class ParkedDocuments implements AutoCloseable {

    /** Largest record of the topic, in bytes: any document that got into a documents topic, and why it was refused. */
    public static final int MOST_RECORD_BYTES = 64 << 20;

    /** What somebody wants done with a parked document; the delivery that owns its partition does it. */
    public enum Wish {
        /** Write the newest of its key; what comes later is written again, too. */
        RETRY,
        /** Forget it, unless a later one came meanwhile: the store keeps what it has until the document changes again. */
        DROP
    }

    /**
     * A wish for a document that is parked.
     *
     * @param document the newest of its key
     * @param seen the newest when the wish was made
     */
    public record Wanted(ParkedDocument document, Wish wish, Version seen) {}

    /** One attempt in one stay of a document: a wish for an earlier one is none for a later one. */
    private record Asked(ParkedKey id, Instant since, int attempts) {
        static Asked of(ParkedDocument document) {
            return new Asked(document.id(), document.since(), document.attempts());
        }
    }

    private record Made(Wish wish, Version seen) {}

    private static final String WISH = "wish";
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final TopicPartition topic;
    private final Map<String, Object> client;
    private final String lineage;
    private final Map<ParkedKey, NavigableMap<Version, ParkedDocument>> parked = new LinkedHashMap<>();
    private final Map<Asked, Made> wishes = new LinkedHashMap<>();
    private @Nullable KafkaConsumer<byte[], byte[]> consumer;
    private @Nullable KafkaProducer<byte[], byte[]> producer;

    /**
     * @param client properties of every Kafka client
     * @param lineage of the generation: what was parked of another one is none of this one's
     */
    public ParkedDocuments(Map<String, String> client, Topics topics, String model, String lineage) {
        this.topic = new TopicPartition(topics.parked(model), 0);
        this.client = Map.copyOf(client);
        this.lineage = lineage;
    }

    /**
     * Whether the topic is there: a model that never ran has none.
     *
     * @throws TidemarkException UNREACHABLE when Kafka does not answer
     */
    public boolean exists() {
        try {
            return !consumer().partitionsFor(topic.topic()).isEmpty();
        } catch (KafkaException e) {
            throw unreachable("cannot be read", e);
        }
    }

    /**
     * Reads all there is now, from the beginning: of what was removed long ago the topic does not even say that.
     *
     * @throws TidemarkException UNREACHABLE when Kafka does not answer
     */
    public void read() {
        KafkaConsumer<byte[], byte[]> reading = consumer();
        try {
            reading.assign(List.of(topic));
            reading.seekToBeginning(List.of(topic));
            parked.clear();
            wishes.clear();
            readTo(reading, reading.endOffsets(List.of(topic)).getOrDefault(topic, 0L));
        } catch (KafkaException e) {
            throw unreachable("cannot be read", e);
        }
    }

    /** Reads what has come since, without waiting for it; {@link #read} comes first. */
    public void follow() {
        try {
            consumer().poll(Duration.ZERO).forEach(this::take);
        } catch (KafkaException e) {
            throw unreachable("cannot be read", e);
        }
    }

    private void readTo(KafkaConsumer<byte[], byte[]> reading, long end) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (reading.position(topic) < end) {
            if (System.nanoTime() > deadline) {
                throw unreachable("cannot be read to its end", null);
            }
            reading.poll(POLL).forEach(this::take);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        JsonNode key = Json.parse(record.key());
        if (!key.required("lineage").textValue().equals(lineage)) {
            return;
        }
        ParkedKey id = ParkedKey.fromJson(key);
        JsonNode value = record.value() == null ? null : Json.parse(record.value());
        if (key.has(WISH)) {
            takeWish(
                    new Asked(
                            id,
                            Instant.parse(key.required("since").textValue()),
                            key.required(WISH).intValue()),
                    value);
        } else {
            takeDocument(id, version(key), value);
        }
    }

    private static Version version(JsonNode json) {
        return new Version(
                json.required("position").longValue(), json.required("order").intValue());
    }

    private void takeWish(Asked asked, @Nullable JsonNode value) {
        if (value == null) {
            wishes.remove(asked);
        } else {
            Wish wish = Wish.valueOf(value.required(WISH).textValue().toUpperCase(Locale.ROOT));
            wishes.put(asked, new Made(wish, version(value)));
        }
    }

    private void takeDocument(ParkedKey id, Version version, @Nullable JsonNode value) {
        NavigableMap<Version, ParkedDocument> versions = parked.computeIfAbsent(id, any -> new TreeMap<>());
        if (value == null) {
            versions.remove(version);
        } else {
            versions.put(version, ParkedDocument.fromJson(id, version, value));
        }
        if (versions.isEmpty()) {
            parked.remove(id);
        }
    }

    /** Those of a store, the newest of each key, the longest parked first. */
    public List<ParkedDocument> of(String store) {
        return parked.values().stream()
                .map(versions -> versions.lastEntry().getValue())
                .filter(each -> each.id().store().equals(store))
                .sorted(Comparator.comparing(ParkedDocument::since))
                .toList();
    }

    /** The newest of that id; empty when it is not parked. */
    public Optional<ParkedDocument> get(ParkedKey id) {
        return Optional.ofNullable(parked.get(id))
                .map(versions -> versions.lastEntry().getValue());
    }

    /** What is wanted of the documents of a store; wishes for what is parked no more are none. */
    public List<Wanted> wishes(String store) {
        List<Wanted> wanted = new ArrayList<>();
        wishes.forEach((asked, made) -> get(asked.id())
                .filter(document -> asked.equals(Asked.of(document)))
                .filter(document -> document.id().store().equals(store))
                .ifPresent(document -> wanted.add(new Wanted(document, made.wish(), made.seen()))));
        return wanted;
    }

    /** Whether a wish for it was not answered yet. */
    public boolean isWished(ParkedDocument document) {
        return wishes.containsKey(Asked.of(document));
    }

    /** Parks, in place of older versions of its key. Durable when it returns. */
    public void put(ParkedDocument document) {
        send(key(document), document.toJson());
        removeUpTo(document, false);
    }

    /** No version of its key up to this one is parked any longer. */
    public void remove(ParkedDocument document) {
        removeUpTo(document, true);
    }

    private void removeUpTo(ParkedDocument document, boolean inclusive) {
        NavigableMap<Version, ParkedDocument> versions = parked.get(document.id());
        if (versions != null) {
            // Sending changes the map.
            List.copyOf(versions.headMap(document.version(), inclusive).values())
                    .forEach(each -> send(key(each), null));
        }
    }

    /** Says what is wanted. */
    public void wish(ParkedDocument document, Wish wish) {
        send(
                wishKey(document),
                Json.object()
                        .put(WISH, wish.name().toLowerCase(Locale.ROOT))
                        .put("position", document.version().position())
                        .put("order", document.version().order()));
    }

    /** The wish was granted, or the store refused once more. */
    public void answered(ParkedDocument document) {
        send(wishKey(document), null);
    }

    private ObjectNode key(ParkedDocument document) {
        return document.id()
                .toJson()
                .put("position", document.version().position())
                .put("order", document.version().order())
                .put("lineage", lineage);
    }

    private ObjectNode wishKey(ParkedDocument document) {
        return document.id()
                .toJson()
                .put("since", document.since().toString())
                .put(WISH, document.attempts())
                .put("lineage", lineage);
    }

    /** Writes, then reads up to what was written: what is known here never runs ahead of the topic, nor behind it. */
    private void send(ObjectNode key, @Nullable ObjectNode value) {
        byte[] bytes = value == null ? null : Json.bytes(value);
        try {
            long offset = producer()
                    .send(new ProducerRecord<>(topic.topic(), topic.partition(), Json.bytes(key), bytes))
                    .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                    .offset();
            readTo(consumer(), offset + 1);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) {
                throw new TidemarkException(
                        ErrorCode.FAILED,
                        "Document " + key + " is too large to be parked in topic " + topic.topic() + ": "
                                + e.getCause().getMessage()
                                + ". Raise the brokers' limits, or max.message.bytes of that"
                                + " topic, and start again; nothing was passed over",
                        e);
            }
            if (!(e.getCause() instanceof RetriableException)) {
                throw new TidemarkException(
                        ErrorCode.FAILED,
                        "Nothing can be parked in topic " + topic.topic() + ": " + e.getMessage()
                                + ". Start again when it can; nothing was passed over",
                        e);
            }
            throw unreachable("takes nothing", e);
        } catch (TimeoutException | KafkaException e) {
            throw unreachable("takes nothing", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable("was not waited for", e);
        }
    }

    private KafkaProducer<byte[], byte[]> producer() {
        KafkaProducer<byte[], byte[]> sending = producer;
        if (sending == null) {
            Map<String, Object> config = new HashMap<>(client);
            config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MOST_RECORD_BYTES);
            config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, MOST_RECORD_BYTES);
            sending = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
            producer = sending;
        }
        return sending;
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        KafkaConsumer<byte[], byte[]> reading = consumer;
        if (reading == null) {
            Map<String, Object> config = new HashMap<>(client);
            config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
            config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
            config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, ConsumerConfigs.SHORT_FETCH_WAIT_MS);
            reading = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            consumer = reading;
        }
        return reading;
    }

    private TidemarkException unreachable(String what, @Nullable Exception e) {
        return new TidemarkException(
                ErrorCode.UNREACHABLE,
                "Topic " + topic.topic() + " in Kafka at " + client.get("bootstrap.servers") + " " + what
                        + (e == null ? "" : ": " + e.getMessage()),
                e);
    }

    @Override
    public void close() {
        KafkaConsumer<byte[], byte[]> reading = consumer;
        if (reading != null) {
            reading.close();
        }
        KafkaProducer<byte[], byte[]> sending = producer;
        if (sending != null) {
            sending.close();
        }
    }
}
