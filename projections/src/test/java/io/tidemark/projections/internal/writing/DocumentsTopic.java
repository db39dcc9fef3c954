package io.tidemark.projections.internal.writing;

import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import io.tidemark.projections.ParkedDocuments;
import io.tidemark.projections.internal.assembler.AssemblerTopology;
import io.tidemark.testkit.SharedStack;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A new topic of one partition for documents of the model {@code orders}, as an assembler fills it; and that of the parked. */
final class DocumentsTopic implements AutoCloseable {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Topics topics = new Topics("delivered" + NUMBER.incrementAndGet());
    private final KafkaProducer<byte[], byte[]> producer;

    DocumentsTopic() throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.<String, Object>copyOf(client()))) {
            admin.createTopics(List.of(new NewTopic(name(), 1, (short) 1), new NewTopic(parkedName(), 1, (short) 1)))
                    .all()
                    .get();
        }
        // One at a time: a topic just made may refuse the first request and take the second, and then never the first.
        producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        SharedStack.kafka().bootstrapServers(),
                        "max.in.flight.requests.per.connection",
                        1),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    String name() {
        return topics.documents("orders");
    }

    static Map<String, String> client() {
        return Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers());
    }

    /** A consumer's configuration, in the one group of this topic. */
    Map<String, Object> inGroup() {
        return ConsumerConfigs.inGroup(client(), name());
    }

    /** The offset the group keeps; 0 for none. */
    long placeOfGroup() {
        TopicPartition partition = new TopicPartition(name(), 0);
        try (Admin admin = Admin.create(Map.<String, Object>copyOf(client()))) {
            OffsetAndMetadata place = admin.listConsumerGroupOffsets(name())
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(partition);
            return place == null ? 0 : place.offset();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    String parkedName() {
        return topics.parked("orders");
    }

    ParkedDocuments parked() {
        return parked("lineage");
    }

    ParkedDocuments parked(String lineage) {
        return new ParkedDocuments(client(), topics, "orders", lineage);
    }

    static RowKey key(long id) {
        return new RowKey("{\"id\":" + id + "}");
    }

    /** An empty document, the first of its key: it is called by its position. */
    void send(long position) {
        send(position, position);
    }

    void send(long id, long position) {
        send(id, position, "{}");
    }

    void send(long id, long position, String body) {
        var document = new ProducerRecord<>(name(), key(id).encode(), body.getBytes(StandardCharsets.UTF_8));
        document.headers().add(Version.HEADER, new Version(position, 0).encode());
        var unused = producer.send(document);
    }

    void delete(long id, long position) {
        var gone = new ProducerRecord<byte[], byte[]>(name(), key(id).encode(), null);
        gone.headers().add(Version.HEADER, new Version(position, 0).encode());
        var unused = producer.send(gone);
    }

    /** As an assembler does in place of a document. */
    void withhold(long id, long position, String reason) {
        var document = new ProducerRecord<>(name(), key(id).encode(), new byte[0]);
        document.headers().add(Version.HEADER, new Version(position, 0).encode());
        document.headers().add(AssemblerTopology.WITHHELD_HEADER, reason.getBytes(StandardCharsets.UTF_8));
        var unused = producer.send(document);
    }

    /** Everything sent before is in the topic when it returns. */
    void mark(long number) {
        String tidemark = new TidemarkRef(number, new Lsn(number)).toString();
        var marker =
                new ProducerRecord<byte[], byte[]>(name(), "\"__tidemark\"".getBytes(StandardCharsets.UTF_8), null);
        marker.headers().add(DocumentDelivery.APPLIED_HEADER, tidemark.getBytes(StandardCharsets.US_ASCII));
        var unused = producer.send(marker);
        flush();
    }

    void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close();
    }
}
