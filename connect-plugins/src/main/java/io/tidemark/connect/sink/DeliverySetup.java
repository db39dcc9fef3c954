package io.tidemark.connect.sink;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.store.Generation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.connect.sink.SinkRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what a topic is before its first record is written: whose versions it has, and how many partitions. */
record DeliverySetup(
        SinkSettings settings, TargetStore store, Optional<Brokers> brokers, Refusals refusals, Counts counts) {

    private static final Logger LOG = LoggerFactory.getLogger(DeliverySetup.class);

    /** {@code <prefix>.<model>.documents}. */
    private static final Pattern DOCUMENTS = Pattern.compile("[^.]+\\.([^.]+)\\.documents");

    /**
     * A delivery of a topic.
     *
     * @param records that are to be delivered first
     */
    TopicDelivery delivery(TopicRoute route, List<SinkRecord> records) {
        SourceTopic source = SourceTopic.ask(route.original(), brokers);
        Generation generation = new Generation(model(route), 1, source.lineage());
        boolean positions = records.stream().anyMatch(Headers::hasPosition);
        // Positions are of the whole topic; offsets of one partition, so their number must stay.
        int partitions = settings.input() == Input.RECORDS && positions
                ? 1
                : source.described().map(Brokers.Described::partitions).orElse(1);
        boolean single =
                source.described().filter(topic -> topic.partitions() == 1).isPresent();
        RecordReader reader = new RecordReader(
                settings, store.versioning(), store.truncates(), generation.model(), settings.keysStay() || single);
        tellFence(route, positions, source.described().isPresent());
        TargetStore.Content content =
                new TargetStore.Content(route.topic(), generation, partitions, keyTypes(reader, records));
        return new TopicDelivery(source, settings, positions, store.writer(content), reader, refusals, counts);
    }

    private String model(TopicRoute route) {
        if (!settings.readModel().isEmpty()) {
            return settings.readModel();
        }
        Matcher documents = DOCUMENTS.matcher(route.topic());
        return settings.input() == Input.DOCUMENTS && documents.matches() ? documents.group(1) : route.topic();
    }

    private void tellFence(TopicRoute route, boolean positions, boolean idKnown) {
        String fence = positions
                ? "the position of its transaction in the source"
                : "its offset in the topic, which does not protect from records that the topic itself has twice or in"
                        + " another order than the source (a connector that starts again and repeats, a repartitioned or"
                        + " mirrored topic)";
        String anew = idKnown
                ? ""
                : ". Without kafka.bootstrap.servers a topic that is made anew, or given more partitions, is not noticed";
        LOG.info("{}: a record of {} is fenced by {}{}", settings.connector(), route.original(), fence, anew);
    }

    private static Map<String, String> keyTypes(RecordReader reader, List<SinkRecord> records) {
        Map<String, String> types = new LinkedHashMap<>();
        records.stream()
                .map(reader::read)
                .filter(Meaning.Write.class::isInstance)
                .map(meaning -> ((Meaning.Write) meaning).document())
                .filter(document -> !document.truncates())
                .findFirst()
                .ifPresent(document -> document.key()
                        .values()
                        .properties()
                        .forEach(field -> types.put(field.getKey(), type(field.getValue()))));
        return types;
    }

    private static String type(JsonNode value) {
        if (value.isIntegralNumber()) {
            return "bigint";
        }
        if (value.isNumber()) {
            return "numeric";
        }
        if (value.isTextual()) {
            return "text";
        }
        return value.isBoolean() ? "boolean" : "jsonb";
    }
}
