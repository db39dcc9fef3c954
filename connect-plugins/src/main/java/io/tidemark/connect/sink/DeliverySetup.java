package io.tidemark.connect.sink;

import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what a topic is before its first record is written: whose versions it has, and how many partitions. */
record DeliverySetup(
        SinkSettings settings,
        TargetStore store,
        Optional<Brokers> brokers,
        Refusals refusals,
        Counts counts,
        Optional<Descriptions> topics) {

    private static final Logger LOG = LoggerFactory.getLogger(DeliverySetup.class);

    /** Gives a writer, not open yet, once it is known what the versions are. */
    @FunctionalInterface
    interface Writers {

        DocumentWriter of(Fence fence);
    }

    TopicDelivery delivery(TopicRoute route) {
        SourceTopic source = SourceTopic.ask(route.original(), topics);
        Generation generation = generation(route, source.lineage());
        boolean single =
                source.described().filter(topic -> topic.partitions() == 1).isPresent();
        RecordReader reader =
                new RecordReader(settings, store, route.topic(), generation.model(), settings.keysStay() || single);
        Writers writers = fence -> {
            tell(route, fence, source.described().isPresent());
            return new ServedWriter(
                    store, new TargetStore.Content(route.topic(), generation, partitions(source, fence)));
        };
        return new TopicDelivery(source, settings, brokers, writers, reader, refusals, counts);
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
}
