package io.tidemark.connect.sink;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
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
        Generation generation = generation(route, source.lineage());
        boolean single =
                source.described().filter(topic -> topic.partitions() == 1).isPresent();
        RecordReader reader =
                new RecordReader(settings, store, route.topic(), generation.model(), settings.keysStay() || single);
        Writers writers = (fence, first) -> {
            tell(route, fence, source.described().isPresent());
            var content = new TargetStore.Content(
                    route.topic(),
                    generation,
                    partitions(source, fence),
                    first.map(DeliverySetup::types).orElse(Map.of()));
            return new ServedWriter(store, content);
        };
        return new TopicDelivery(source, settings, writers, reader, refusals, counts, nanos);
    }

    /** Positions of rows are of the whole topic; offsets are of one partition, so the number of these must stay. */
    private int partitions(SourceTopic source, Fence fence) {
        return settings.input() == Input.RECORDS && fence == Fence.POSITION
                ? 1
                : source.described().map(Brokers.Described::partitions).orElse(1);
    }

    private Generation generation(TopicRoute route, String lineage) {
        Optional<DocumentsTopic> documents =
                settings.input() == Input.DOCUMENTS ? DocumentsTopic.parse(route.topic()) : Optional.empty();
        String named = documents.map(DocumentsTopic::model).orElse(route.topic());
        return new Generation(
                settings.readModel().isEmpty() ? named : settings.readModel(),
                documents.map(DocumentsTopic::number).orElse(1),
                lineage);
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
