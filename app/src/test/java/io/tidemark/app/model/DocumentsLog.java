package io.tidemark.app.model;

import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** All that documents topics hold, partition by partition, between one marker and the next. */
final class DocumentsLog implements AutoCloseable {

    private static final String MARKER = "tidemark.applied";

    /**
     * A record that is no marker.
     *
     * @param document canonical JSON; null when it was deleted
     */
    record Sent(String key, long position, String document) {}

    /** What a partition was sent behind the marker before, and the marker after it. */
    record Section(TidemarkRef marker, List<Sent> sent) {}

    private final TopicReader reader;
    private final Map<TopicPartition, List<Section>> sections = new LinkedHashMap<>();
    private final Map<TopicPartition, List<Sent>> open = new LinkedHashMap<>();

    DocumentsLog(Map<String, String> client, Collection<String> topics) {
        reader = new TopicReader(client, topics);
        for (TopicPartition partition : reader.partitions()) {
            sections.put(partition, new ArrayList<>());
            open.put(partition, new ArrayList<>());
        }
    }

    /** By partition, in the order of the topic. */
    Map<TopicPartition, List<Section>> sections() {
        return sections;
    }

    /** Whether every partition has a marker at or past a place in the source's log. */
    boolean passed(Lsn token) {
        return sections.values().stream()
                .allMatch(each -> !each.isEmpty()
                        && !each.get(each.size() - 1).marker().lsn().isBefore(token));
    }

    void poll() {
        reader.poll(this::take);
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        Header marker = record.headers().lastHeader(MARKER);
        if (marker == null) {
            open.get(partition).add(sent(record));
        } else {
            TidemarkRef tidemark = TidemarkRef.parse(new String(marker.value(), StandardCharsets.US_ASCII));
            sections.get(partition).add(new Section(tidemark, open.get(partition)));
            open.put(partition, new ArrayList<>());
        }
    }

    private static Sent sent(ConsumerRecord<byte[], byte[]> record) {
        Version version =
                Version.decode(record.headers().lastHeader(Version.HEADER).value());
        String document = record.value() == null ? null : Json.canonical(Json.parse(record.value()));
        return new Sent(RowKey.decode(record.key()).json(), version.position(), document);
    }

    @Override
    public void close() {
        reader.close();
    }
}
