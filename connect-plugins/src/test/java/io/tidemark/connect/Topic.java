package io.tidemark.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.testkit.SharedStack;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A topic of two partitions, written as Tidemark writes: in transactions, positions rising, with markers. */
final class Topic implements AutoCloseable {

    static final int PARTITIONS = 2;

    private final String name;
    private final KafkaProducer<byte[], byte[]> producer;

    /** One that is there. */
    Topic(String name) {
        this.name = name;
        this.producer = new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers(),
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                "t-" + UUID.randomUUID(),
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class));
        producer.initTransactions();
    }

    static String bootstrapServers() {
        return SharedStack.kafka().bootstrapServers();
    }

    static Topic create(String name) {
        make(name, PARTITIONS);
        return new Topic(name);
    }

    static void make(String name, int partitions) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())))
                    .all()
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    static void drop(String name) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) bootstrapServers()))) {
            admin.deleteTopics(List.of(name)).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    String name() {
        return name;
    }

    /** What a transaction writes. */
    interface Writing {
        void into(Topic topic);
    }

    void commit(Writing writing) {
        producer.beginTransaction();
        writing.into(this);
        producer.commitTransaction();
    }

    void abort(Writing writing) {
        producer.beginTransaction();
        writing.into(this);
        producer.flush();
        producer.abortTransaction();
    }

    /** A document, or its delete. */
    void document(long id, long position, String value) {
        send(id, value, Map.of(Version.HEADER, new Version(position, 0).encode()));
    }

    void change(long id, Version version, String envelope) {
        send(id, envelope, Map.of(Version.HEADER, version.encode()));
    }

    /** A record without a version. */
    void plain(long id, String value) {
        send(id, value, Map.of());
    }

    void send(long id, String value, Map<String, byte[]> headers) {
        send((int) (id % PARTITIONS), "{\"id\":" + id + "}", value, headers);
    }

    void send(int partition, String key, String value, Map<String, byte[]> headers) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                name, partition, key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
        new HashMap<>(headers).forEach((header, bytes) -> record.headers().add(new RecordHeader(header, bytes)));
        var unused = producer.send(record);
    }

    /** Both partitions are what the source was at this tidemark. */
    void mark(long number) {
        byte[] tidemark = tidemark(number).toString().getBytes(UTF_8);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            send(partition, "\"__tidemark\"", null, Map.of("tidemark.applied", tidemark));
        }
    }

    static TidemarkRef tidemark(long number) {
        return new TidemarkRef(number, new Lsn(number * 100));
    }

    @Override
    public void close() {
        producer.close();
    }
}
