package io.tidemark.projections.internal.writing;

import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.projections.AppliedTidemarks;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.header.Header;

/** Delivers a documents topic to one store: documents, then the applied tidemark of each partition, then the offsets. */
public final class DocumentDelivery extends ProjectionThread {

    /** Header of the record that marks a partition. */
    public static final String APPLIED_HEADER = "tidemark.applied";

    private static final Duration POLL = Duration.ofMillis(200);

    private final String collection;
    private final String topic;
    private final Map<String, Object> consumerConfig;
    private final DocumentWriter writer;
    private final AppliedTidemarks applied;
    private final BatchWriting writing;

    /**
     * Prepares delivery.
     *
     * @param consumerConfig with the group that keeps this delivery's place
     */
    public DocumentDelivery(
            String name,
            String collection,
            String topic,
            Map<String, Object> consumerConfig,
            DocumentWriter writer,
            AppliedTidemarks applied) {
        super(name);
        this.collection = collection;
        this.topic = topic;
        this.consumerConfig = Map.copyOf(consumerConfig);
        this.writer = writer;
        this.applied = applied;
        this.writing = new BatchWriting(name, writer, closing());
    }

    @Override
    KafkaConsumer<byte[], byte[]> open() {
        writer.open();
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumerConfig);
        consumer.subscribe(List.of(topic));
        return consumer;
    }

    @Override
    void turn(KafkaConsumer<byte[], byte[]> consumer) throws InterruptedException {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (records.isEmpty()) {
            return;
        }
        Map<RowKey, Document> newest = new LinkedHashMap<>();
        Map<Integer, TidemarkRef> marked = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            Header marker = record.headers().lastHeader(APPLIED_HEADER);
            if (marker != null) {
                String text = new String(marker.value(), StandardCharsets.US_ASCII);
                marked.put(record.partition(), TidemarkRef.parse(text));
            } else {
                Document document = document(record);
                newest.remove(document.key());
                newest.put(document.key(), document);
            }
        }
        List<AppliedTidemark> claims = new ArrayList<>();
        marked.forEach((partition, tidemark) -> claims.add(new AppliedTidemark(partition, tidemark)));
        if (writing.write(List.copyOf(newest.values()), claims)) {
            marked.forEach(applied::applied);
            consumer.commitSync();
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
                body == null ? null : Json.parseObject(body));
    }

    @Override
    void release() {
        writer.close();
    }
}
