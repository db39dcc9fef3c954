package io.tidemark.projections;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.projections.internal.writing.ConsumerConfigs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The generations of every read model, in a compacted topic of one partition. A change is one Kafka transaction: whoever
 * makes it first fences everybody else's, then reads, then writes. So what is written follows from what was
 * read, whatever other processes do, and is there as a whole or not at all. Not thread-safe.
 */
public final class GenerationRegistry implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GenerationRegistry.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int TRANSACTION_TIMEOUT_MS = 10_000;
    private static final long NONE = -1;

    private final Map<String, Object> client;
    private final TopicPartition topic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, ModelGenerations> known = new TreeMap<>();
    private boolean assigned;

    /** Of a commit that was not answered, where its record is; and whether it has been read since. */
    private long unansweredOffset = NONE;

    private boolean unansweredIsRead;

    /** A commit of which Kafka does not say what became of it. */
    private static final class UnansweredException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UnansweredException(KafkaException cause) {
            super(cause);
        }
    }

    /**
     * Prepares it.
     *
     * @param client properties of every Kafka client
     */
    public GenerationRegistry(Map<String, String> client, Topics topics) {
        this.client = Map.copyOf(client);
        this.topic = new TopicPartition(topics.generations(), 0);
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, ConsumerConfigs.SHORT_FETCH_WAIT_MS);
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        this.consumer = new KafkaConsumer<>(config);
    }

    /**
     * All there is now, by model; a model that never ran has none.
     *
     * @throws TidemarkException UNREACHABLE when Kafka does not answer
     */
    public Map<String, ModelGenerations> read() {
        try {
            catchUp();
            return Map.copyOf(known);
        } catch (KafkaException e) {
            throw unreachable("cannot be read", e);
        }
    }

    /** The generations of one model as they are now. */
    public Optional<ModelGenerations> read(String model) {
        return Optional.ofNullable(read().get(model));
    }

    private void catchUp() {
        if (!assigned) {
            if (consumer.partitionsFor(topic.topic(), TIMEOUT).isEmpty()) {
                return;
            }
            consumer.assign(List.of(topic));
            consumer.seekToBeginning(List.of(topic));
            assigned = true;
        }
        long end = consumer.endOffsets(List.of(topic)).getOrDefault(topic, 0L);
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (consumer.position(topic) < end) {
            if (System.nanoTime() > deadline) {
                throw new TidemarkException(
                        ErrorCode.UNREACHABLE, "Topic " + topic.topic() + " cannot be read to its end");
            }
            take(consumer.poll(POLL));
        }
    }

    /** What cannot be read is not passed over: whoever asks again is told again. */
    private void take(ConsumerRecords<byte[], byte[]> records) {
        try {
            records.forEach(this::take);
        } catch (RuntimeException e) {
            assigned = false;
            known.clear();
            throw e;
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        unansweredIsRead |= record.offset() == unansweredOffset;
        String model = new String(record.key(), StandardCharsets.UTF_8);
        if (record.value() == null) {
            known.remove(model);
        } else {
            known.put(model, ModelGenerations.fromJson(model, Json.parse(record.value())));
        }
    }

    /**
     * Changes the generations of a model.
     *
     * @param change gives what is to be, of what is; the same to change nothing. May be asked again, of what somebody else
     *     wrote meanwhile. What it throws is passed on, with nothing changed
     * @return what is now
     * @throws TidemarkException UNREACHABLE when Kafka does not answer
     */
    public ModelGenerations change(String model, Function<Optional<ModelGenerations>, ModelGenerations> change) {
        ensureTopic();
        awaits(NONE);
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            try {
                return changeOnce(model, change);
            } catch (UnansweredException e) {
                LOG.info("Kafka does not say whether the generations of {} were changed: looking", model, e);
                if (System.nanoTime() > deadline) {
                    throw unreachable("cannot be written", e);
                }
            } catch (ProducerFencedException | InvalidProducerEpochException somebodyElse) {
                LOG.info("Somebody else changes generations: looking again at those of {}", model);
                if (System.nanoTime() > deadline) {
                    throw unreachable("is changed by others all the time", somebodyElse);
                }
            } catch (KafkaException e) {
                throw unreachable("cannot be written", e);
            }
        }
    }

    private ModelGenerations changeOnce(String model, Function<Optional<ModelGenerations>, ModelGenerations> change) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(producerConfig())) {
            producer.initTransactions();
            awaitTopic();
            ModelGenerations before = known.get(model);
            if (before != null && unansweredIsRead) {
                return before;
            }
            awaits(NONE);
            ModelGenerations after = change.apply(Optional.ofNullable(before));
            if (after.equals(before)) {
                return after;
            }
            producer.beginTransaction();
            // The commit throws what sending met.
            Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(
                    topic.topic(), 0, model.getBytes(StandardCharsets.UTF_8), Json.bytes(after.toJson())));
            commit(producer, sent);
            known.put(model, after);
            return after;
        }
    }

    private void awaits(long offset) {
        unansweredOffset = offset;
        unansweredIsRead = false;
    }

    /**
     * What becomes of a commit that is not answered is seen by the next attempt: it begins by having it decided, and then reads
     * what was committed. Brokers say at times that they do not know, when somebody else fences at that moment.
     */
    private void commit(KafkaProducer<byte[], byte[]> producer, Future<RecordMetadata> sent) {
        try {
            producer.commitTransaction();
        } catch (ProducerFencedException | InvalidProducerEpochException e) {
            throw e;
        } catch (KafkaException e) {
            RecordMetadata written = written(sent);
            if (written != null && !written.hasOffset()) {
                throw e;
            }
            // What was not written was not committed.
            awaits(written == null ? NONE : written.offset());
            throw new UnansweredException(e);
        }
    }

    private static @Nullable RecordMetadata written(Future<RecordMetadata> sent) {
        try {
            return sent.isDone() ? sent.get() : null;
        } catch (ExecutionException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** A topic that somebody has just made is not known everywhere yet, and is not an empty one. */
    private void awaitTopic() {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        catchUp();
        while (!assigned) {
            if (System.nanoTime() > deadline) {
                throw new TidemarkException(
                        ErrorCode.UNREACHABLE, "Topic " + topic.topic() + " was made and is not there");
            }
            LockSupport.parkNanos(POLL.toNanos());
            catchUp();
        }
    }

    /** One id for all models: an open transaction of another one's would hide what was committed behind it. */
    private Map<String, Object> producerConfig() {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topic.topic());
        config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT.toMillis());
        config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        return config;
    }

    private void ensureTopic() {
        if (assigned) {
            return;
        }
        NewTopic made = new NewTopic(topic.topic(), Optional.of(1), Optional.empty())
                .configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
        try (Admin admin = Admin.create(client)) {
            admin.createTopics(List.of(made)).all().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw unreachable("cannot be made", e);
            }
        } catch (java.util.concurrent.TimeoutException e) {
            throw unreachable("cannot be made", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkException(ErrorCode.FAILED, "Interrupted while making topic " + topic.topic(), e);
        }
    }

    private TidemarkException unreachable(String what, Exception e) {
        return new TidemarkException(
                ErrorCode.UNREACHABLE, "Topic " + topic.topic() + " " + what + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
