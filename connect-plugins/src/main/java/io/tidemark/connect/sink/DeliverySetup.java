package io.tidemark.connect.sink;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what a topic is before its first record is written: whose versions it has, and how many partitions. */
record DeliverySetup(
        SinkSettings settings,
        TargetStore store,
        Optional<Brokers> brokers,
        Refusals refusals,
        Counts counts,
        LongSupplier nanos) {

    private static final Logger LOG = LoggerFactory.getLogger(DeliverySetup.class);

    /** {@code <prefix>.<model>.documents}. */
    private static final Pattern DOCUMENTS = Pattern.compile("[^.]+\\.([^.]+)\\.documents");

    /** Gives a writer once it is known what there is to write. */
    @FunctionalInterface
    interface Writers {

        /**
         * A writer, not open yet.
         *
         * @param first that is to be written, without truncates; empty where there is none
         */
        DocumentWriter of(Fence fence, Optional<Document> first);
    }

    TopicDelivery delivery(TopicRoute route) {
        SourceTopic source = SourceTopic.ask(route.original(), brokers);
        Generation generation = new Generation(model(route), 1, source.lineage());
        boolean single =
                source.described().filter(topic -> topic.partitions() == 1).isPresent();
        RecordReader reader =
                new RecordReader(settings, store, route.topic(), generation.model(), settings.keysStay() || single);
        Writers writers = (fence, first) -> {
            tell(route, fence, source.described().isPresent());
            return store.writer(new TargetStore.Content(
                    route.topic(),
                    generation,
                    partitions(source, fence),
                    first.map(DeliverySetup::types).orElse(Map.of())));
        };
        return new TopicDelivery(source, settings, writers, reader, refusals, counts, nanos);
    }

    /** Positions of rows are of the whole topic; offsets are of one partition, so the number of these must stay. */
    private int partitions(SourceTopic source, Fence fence) {
        return settings.input() == Input.RECORDS && fence == Fence.POSITION
                ? 1
                : source.described().map(Brokers.Described::partitions).orElse(1);
    }

    private String model(TopicRoute route) {
        if (!settings.readModel().isEmpty()) {
            return settings.readModel();
        }
        Matcher documents = DOCUMENTS.matcher(route.topic());
        return settings.input() == Input.DOCUMENTS && documents.matches() ? documents.group(1) : route.topic();
    }

    private void tell(TopicRoute route, Fence fence, boolean idKnown) {
        String anew = idKnown
                ? ""
                : ". Without kafka.bootstrap.servers a topic that is made anew, or given more partitions, is not noticed";
        LOG.info("{}: a record of {} is fenced by {}{}", settings.connector(), route.original(), fence, anew);
    }

    private static Map<String, String> types(Document document) {
        Map<String, String> types = new LinkedHashMap<>();
        document.key().values().properties().forEach(field -> types.put(field.getKey(), type(field.getValue())));
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
