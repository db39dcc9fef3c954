package io.tidemark.benchmarks;

import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import io.tidemark.projections.DocumentLimit;
import io.tidemark.projections.ProjectionSettings;
import io.tidemark.projections.internal.ModelTopics;
import io.tidemark.projections.internal.assembler.AssemblerTopology;
import io.tidemark.projections.internal.writing.DocumentDelivery;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A documents topic as an assembler leaves it: documents, then a tidemark that covers them in each partition. */
record FilledDocuments(Lane lane, long count) {

    static final String MODEL = "orders";

    String topic() {
        return lane.topics().documents(MODEL);
    }

    /** Covers everything. */
    TidemarkRef end() {
        return new TidemarkRef(count, new Lsn(count));
    }

    /** Of each partition the last document: when these are written by someone who keeps the order, everything is. */
    List<Long> lastIds() {
        return LongStream.rangeClosed(Math.max(1, count - Lane.PARTITIONS + 1), count)
                .boxed()
                .toList();
    }

    /** Makes the topics and fills them. */
    void fill() {
        makeTopics(lane.bootstrapServers(), lane.topics(), MODEL);
        Map<String, Object> config = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                lane.bootstrapServers(),
                ProducerConfig.LINGER_MS_CONFIG,
                5,
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class);
        // A record that is lost is a document that no contender delivers.
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
            for (long id = 1; id <= count; id++) {
                var unused = producer.send(document(id));
            }
            for (int partition = 0; partition < Lane.PARTITIONS; partition++) {
                var unused = producer.send(marker(partition));
            }
        }
    }

    /** As a model's projection makes them. */
    static void makeTopics(String bootstrapServers, Topics topics, String model) {
        Map<String, String> client = Map.of("bootstrap.servers", bootstrapServers);
        ProjectionSettings settings =
                new ProjectionSettings(client, topics, Lane.PARTITIONS, Duration.ofDays(1), Path.of(""), 1, 0);
        new ModelTopics(settings).ensure(model, DocumentLimit.DEFAULT);
    }

    private ProducerRecord<byte[], byte[]> document(long id) {
        ProducerRecord<byte[], byte[]> document = new ProducerRecord<>(
                topic(),
                (int) (id % Lane.PARTITIONS),
                OrderDocuments.key(id).encode(),
                Json.bytes(OrderDocuments.body(id)));
        document.headers().add(Version.HEADER, OrderDocuments.version(id).encode());
        return document;
    }

    private ProducerRecord<byte[], byte[]> marker(int partition) {
        byte[] key = AssemblerTopology.MARKER_KEY.getBytes(StandardCharsets.UTF_8);
        ProducerRecord<byte[], byte[]> marker = new ProducerRecord<>(topic(), partition, key, null);
        marker.headers().add(DocumentDelivery.APPLIED_HEADER, end().toString().getBytes(StandardCharsets.US_ASCII));
        return marker;
    }
}
