package io.tidemark.projections.internal.assembler;

import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Reference;
import io.tidemark.projections.DocumentLimit;
import io.tidemark.projections.TidemarkFollower;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Builds the Streams topology of one document model: a subscription step per reference, an assemble step per node, and
 * one more where something else than the root's primary key tells documents apart.
 */
public final class AssemblerTopology {

    /** Key of the record that marks a documents topic's partition; its value is null. */
    public static final String MARKER_KEY = "__tidemark";

    /** Header of a record that stands for a document that is not sent; its value is empty. Says why, in UTF-8. */
    public static final String WITHHELD_HEADER = "tidemark.withheld";

    private final DocumentModel model;
    private final Topics topics;
    private final int partitions;
    private final Cuts tidemarks;
    private final DocumentLimit limit;
    private final NeededColumns needed;
    private final StreamsBuilder builder = new StreamsBuilder();
    private final Map<TableId, KStream<byte[], Edge>> rows = new HashMap<>();

    private AssemblerTopology(DocumentModel model, Topics topics, int partitions, Cuts tidemarks, DocumentLimit limit) {
        this.model = model;
        this.topics = topics;
        this.partitions = partitions;
        this.tidemarks = tidemarks;
        this.limit = limit;
        this.needed = NeededColumns.of(model);
    }

    /**
     * Builds it.
     *
     * @param partitions of every change topic and of the documents topic
     * @param limit above which a document is withheld
     */
    public static Topology build(
            DocumentModel model, Topics topics, int partitions, TidemarkFollower tidemarks, DocumentLimit limit) {
        return new AssemblerTopology(model, topics, partitions, Cuts.of(tidemarks), limit).build();
    }

    private Topology build() {
        StepNames names = new StepNames(model.name());
        KStream<byte[], Edge> documents =
                model.hasOwnKey() ? byKey(names) : assemble(model.root(), names, new StepOutput.Root(limit), null);
        documents
                .process(MarkDocuments::new)
                .to(
                        topics.documents(model.name()),
                        Produced.with(Serdes.ByteArray(), documentSerde())
                                .withStreamPartitioner(this::documentPartition));
        return builder.build();
    }

    /** The root is an inner step, and the last one is keyed as the documents are. */
    private KStream<byte[], Edge> byKey(StepNames names) {
        KStream<byte[], Edge> claims = repartitioned(
                assemble(model.root(), names, new StepOutput.ByKey(model.keyed()), null), names.claimsTopic());
        StepNames last = names.byKey();
        builder.addStateStore(store(last.state()));
        return claims.process(
                () -> new AssembleStep(
                        model.root(),
                        last,
                        new StepOutput.Claimed(limit),
                        List.of(Edge.CLAIMS),
                        null,
                        partitions,
                        tidemarks),
                last.state());
    }

    private KStream<byte[], Edge> assemble(
            DocumentNode node, StepNames names, StepOutput output, @Nullable KStream<byte[], Edge> subscriptions) {
        List<String> inputs = new ArrayList<>();
        KStream<byte[], Edge> merged = rows(node);
        if (subscriptions != null) {
            merged = merged.merge(subscriptions);
            inputs.add(Edge.SUBSCRIPTIONS);
        }
        for (Reference reference : node.references()) {
            merged = merged.merge(responses(node, names.of(reference.name()), reference));
            inputs.add(reference.name());
        }
        for (Children children : node.children()) {
            merged = merged.merge(children(node.relation(), names.of(children.name()), children));
            inputs.add(children.name());
        }
        String topic = topics.changes(node.table());
        builder.addStateStore(store(names.state()));
        return merged.process(
                () -> new AssembleStep(node, names, output, inputs, topic, partitions, tidemarks), names.state());
    }

    private KStream<byte[], Edge> responses(DocumentNode holder, StepNames names, Reference reference) {
        String topic = topics.changes(holder.table());
        builder.addStateStore(store(names.targets()));
        KStream<byte[], Edge> subscriptions = repartitioned(
                rows(holder).process(() -> new SubscriptionStep(reference, names, topic, tidemarks), names.targets()),
                names.subscriptionsTopic());
        StepOutput output = new StepOutput.ReferencedBy(reference.name());
        return repartitioned(assemble(reference.node(), names, output, subscriptions), names.responsesTopic());
    }

    private KStream<byte[], Edge> children(Relation parent, StepNames names, Children children) {
        StepOutput output = new StepOutput.ChildOf(children, parent);
        return repartitioned(assemble(children.node(), names, output, null), names.childrenTopic());
    }

    /** The node's rows as both of its steps see them: shared by the nodes of one table, then filtered for this one. */
    private KStream<byte[], Edge> rows(DocumentNode node) {
        KStream<byte[], Edge> all = rows.computeIfAbsent(node.table(), table -> builder.stream(
                        topics.changes(table), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .process(() -> new RowReader(needed.of(table))));
        return node.where().isEveryRow() ? all : all.process(() -> new FilteredRows(node));
    }

    /**
     * A store on disk. Without the cache of Streams, which sends what it has when a commit begins, task by task, each
     * waiting for Kafka's answer before the next: a commit took two thirds of its time for that.
     */
    private static StoreBuilder<KeyValueStore<Bytes, byte[]>> store(String name) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingEnabled(Map.of())
                .withCachingDisabled();
    }

    private KStream<byte[], Edge> repartitioned(KStream<byte[], Edge> stream, String name) {
        return stream.repartition(Repartitioned.<byte[], Edge>as(name)
                .withKeySerde(Serdes.ByteArray())
                .withValueSerde(EdgeCodec.serde())
                .withNumberOfPartitions(partitions)
                .withStreamPartitioner(new EdgePartitioner()));
    }

    private static Serde<Edge> documentSerde() {
        return Serdes.serdeFrom((topic, edge) -> value(edge), (topic, bytes) -> {
            throw new IllegalStateException("Documents are not read back here");
        });
    }

    /** Of what is withheld it is empty, not null: compaction must not forget that there is a document. */
    private static byte @Nullable [] value(Edge edge) {
        if (edge instanceof Edge.Document document) {
            Bytes body = document.body();
            return body != null ? body.get() : document.withheld() != null ? new byte[0] : null;
        }
        return null;
    }

    /** The last step's keys and its documents' are the same, so a task marks the partition of its own number. */
    private Optional<Set<Integer>> documentPartition(String topic, byte[] key, Edge edge, int count) {
        int partition =
                edge instanceof Edge.Marker marker ? marker.fromPartition() : EdgePartitioner.partition(key, count);
        return Optional.of(Set.of(partition));
    }

    /** Gives markers, and what is withheld, the form they have in the documents topic. */
    private static final class MarkDocuments extends ContextualProcessor<byte[], Edge, byte[], Edge> {

        private static final byte[] KEY = ("\"" + MARKER_KEY + "\"").getBytes(StandardCharsets.UTF_8);

        @Override
        public void process(Record<byte[], Edge> record) {
            if (record.value() instanceof Edge.Marker marker) {
                TidemarkRef tidemark = marker.tidemark();
                record.headers().add("tidemark.applied", tidemark.toString().getBytes(StandardCharsets.US_ASCII));
                context().forward(record.withKey(KEY));
            } else {
                explain(record);
                context().forward(record);
            }
        }

        private static void explain(Record<byte[], Edge> record) {
            Bytes withheld = record.value() instanceof Edge.Document document ? document.withheld() : null;
            if (withheld != null) {
                record.headers().add(WITHHELD_HEADER, withheld.get());
            }
        }
    }
}
