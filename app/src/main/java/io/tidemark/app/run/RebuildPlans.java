package io.tidemark.app.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.StoreConfig;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.projections.GenerationRegistry;
import io.tidemark.projections.ModelGenerations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at what rebuilding would do, and changes nothing. */
public final class RebuildPlans {

    private static final Logger LOG = LoggerFactory.getLogger(RebuildPlans.class);

    private final Plan file;
    private final GenerationPlans plans;

    private RebuildPlans(Plan file) {
        this.file = file;
        this.plans = new GenerationPlans(file);
    }

    /**
     * Looks at some models.
     *
     * @throws TidemarkException UNREACHABLE when Kafka or a store does not answer
     */
    public static List<ModelPlan> of(Plan file, List<ReadModel> models) throws InterruptedException {
        RebuildPlans looking = new RebuildPlans(file);
        List<ModelPlan> all = new ArrayList<>();
        try (GenerationRegistry registry = new GenerationRegistry(file.kafkaClient(), file.topics())) {
            Map<String, ModelGenerations> registered = registry.read();
            for (ReadModel model : models) {
                all.add(looking.of(model, Optional.ofNullable(registered.get(model.name()))));
            }
        }
        return all;
    }

    private ModelPlan of(ReadModel model, Optional<ModelGenerations> generations) throws InterruptedException {
        if (generations.isEmpty()) {
            return new ModelPlan(model.name(), generations, List.of(), 0, true, 0, Map.of(), List.of());
        }
        ModelGenerations now = generations.get();
        Optional<ModelGenerations.Build> filling =
                now.filling().filter(build -> Change.between(build, file, model) == Change.NONE);
        Change change = Change.between(now.liveBuild(), file, model);
        boolean assembles = model instanceof MirrorModel || change != Change.PLACES;
        List<PlannedChange> changes = change == Change.NONE
                ? List.of()
                : PlannedChange.between(
                        comparable(now.liveBuild().definition()),
                        comparable(plans.toNote(model, 1, 1).definition()));
        return new ModelPlan(
                model.name(),
                generations,
                changes,
                filling.map(ModelGenerations.Build::number).orElse(now.highest() + 1),
                assembles,
                records(topics(model, now, assembles)),
                sizes(now),
                warnings(model, now));
    }

    /** Without what may change at any start, and makes no generation. */
    private static ObjectNode comparable(ObjectNode definition) {
        ObjectNode compared = definition.deepCopy();
        compared.remove(List.of("max-parked", "max-document-bytes"));
        return compared;
    }

    private List<String> topics(ReadModel model, ModelGenerations now, boolean assembles) {
        if (!assembles) {
            return List.of(file.topics()
                    .documents(Topics.build(model.name(), now.liveBuild().assembly())));
        }
        return (model instanceof MirrorModel mirror ? mirror.tables() : ((DocumentModel) model).tables())
                .stream().map(file.topics()::changes).toList();
    }

    private long records(List<String> topics) throws InterruptedException {
        try (Admin admin = Admin.create(new HashMap<>(file.kafkaClient()))) {
            Map<String, TopicDescription> described =
                    admin.describeTopics(topics).allTopicNames().get();
            List<TopicPartition> partitions = described.values().stream()
                    .flatMap(topic ->
                            topic.partitions().stream().map(each -> new TopicPartition(topic.name(), each.partition())))
                    .toList();
            return offsets(admin, partitions, OffsetSpec.latest()) - offsets(admin, partitions, OffsetSpec.earliest());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return 0;
            }
            throw new TidemarkException(ErrorCode.UNREACHABLE, "Kafka does not answer: " + e.getCause(), e);
        }
    }

    private static long offsets(Admin admin, List<TopicPartition> partitions, OffsetSpec spec)
            throws ExecutionException, InterruptedException {
        return admin
                .listOffsets(partitions.stream().collect(Collectors.toMap(each -> each, each -> spec)))
                .all()
                .get()
                .values()
                .stream()
                .mapToLong(ListOffsetsResultInfo::offset)
                .sum();
    }

    private Map<String, OptionalLong> sizes(ModelGenerations now) {
        Map<String, OptionalLong> sizes = new TreeMap<>();
        for (String store : now.liveBuild().targets().keySet()) {
            if (file.config().stores().containsKey(store)) {
                try (ServedGeneration generation = StoredBuild.in(file.config(), now, now.liveBuild(), store)) {
                    sizes.put(store, generation.bytes());
                } catch (TidemarkException silent) {
                    // What is planned does not depend on it, and is asked for just when a store is down.
                    LOG.warn("Store '{}' does not say how large {} is: {}", store, now.model(), silent.getMessage());
                    sizes.put(store, OptionalLong.empty());
                }
            }
        }
        return sizes;
    }

    private List<String> warnings(ReadModel model, ModelGenerations now) {
        List<String> warnings = new ArrayList<>();
        if (model instanceof MirrorModel mirror && mirror.history()) {
            warnings.add("a history that is built anew begins with what the topics still hold ("
                    + Json.text(Json.object()
                            .put(
                                    "kafka.history",
                                    file.config().kafka().history().toString()))
                    + " whole); the older versions are in generation " + now.live() + " until that is dropped");
        }
        boolean cached = file.targets(model).stream()
                .anyMatch(target -> file.config().store(target.store()) instanceof StoreConfig.Redis
                        && !Change.isPointed(Change.places(file, model).getOrDefault(target.store(), "")));
        if (cached) {
            warnings.add("keys in Redis are taken over one by one: while that goes on readers of several keys see"
                    + " documents of both generations");
        }
        now.filling()
                .filter(build -> Change.between(build, file, model) != Change.NONE)
                .ifPresent(build -> warnings.add(
                        "generation " + build.number() + ", which was begun by another definition, would be given up"));
        return warnings;
    }
}
