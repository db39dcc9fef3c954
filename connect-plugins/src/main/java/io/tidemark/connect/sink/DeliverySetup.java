package io.tidemark.connect.sink;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Version;
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
        RecordReader reader = new RecordReader(settings, store.versioning(), store.truncates(), generation.model());
        int partitions = settings.input() == Input.DOCUMENTS
                ? source.described().orElseThrow().partitions()
                : 1;
        tellFence(route, records.get(0), source.described().isPresent());
        TargetStore.Content content =
                new TargetStore.Content(route.topic(), generation, partitions, keyTypes(reader, records));
        return new TopicDelivery(source, settings, store.writer(content), reader, refusals, counts);
    }

    private String model(TopicRoute route) {
        if (!settings.readModel().isEmpty()) {
            return settings.readModel();
        }
        Matcher documents = DOCUMENTS.matcher(route.topic());
        return settings.input() == Input.DOCUMENTS && documents.matches() ? documents.group(1) : route.topic();
    }

    private void tellFence(TopicRoute route, SinkRecord first, boolean idKnown) {
        boolean positions = first.headers().lastWithName(Version.HEADER) != null
                || first.headers().lastWithName(Headers.APPLIED) != null;
        String fence = positions
                ? "the position of its transaction in the source"
                : "its offset in the topic, which does not protect from records that the topic itself has twice or in"
                        + " another order than the source (a connector that starts again and repeats, a repartitioned or"
                        + " mirrored topic)";
        String anew = idKnown ? "" : ". Without kafka.bootstrap.servers a topic that is made anew is not noticed";
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
