package io.tidemark.app.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.projections.AssemblerTopics;
import io.tidemark.projections.ModelGenerations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What Kafka has of one generation and of no other: groups, topics of documents and of what is parked, assemblers' state. */
final class DroppedTopics {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_EVERY_MS = 200;

    private final Plan plan;
    private final ModelGenerations generations;
    private final ModelGenerations.Build build;
    private final boolean assembles;
    private final String application;

    DroppedTopics(Plan plan, ModelGenerations generations, ModelGenerations.Build build) {
        this.plan = plan;
        this.generations = generations;
        this.build = build;
        this.assembles = generations.builds().stream()
                .noneMatch(each -> each.number() != build.number() && each.assembly() == build.assembly());
        this.application = AssemblerTopics.application(plan.topics(), assembly());
    }

    private String assembly() {
        return Topics.build(generations.model(), build.assembly());
    }

    private List<String> groups() {
        String name = plan.topics().prefix() + "." + Topics.build(generations.model(), build.number());
        List<String> groups = new ArrayList<>();
        build.targets().keySet().forEach(store -> groups.add(name + "." + store));
        if (assembles) {
            groups.add(application);
        }
        return groups;
    }

    /**
     * Waits until no process writes it: each stops as soon as it hears of it, and a killed one is forgotten after 10 s.
     *
     * @throws TidemarkException TIMEOUT when one goes on
     */
    void awaitNobody() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (Admin admin = Admin.create(new HashMap<>(plan.kafkaClient()))) {
            while (groups().stream().anyMatch(group -> hasMembers(admin, group))) {
                if (System.nanoTime() > deadline) {
                    throw new TidemarkException(
                            ErrorCode.TIMEOUT,
                            generations.model() + "@" + build.number() + " is still written by a process after "
                                    + PATIENCE.toSeconds()
                                    + " s, one of an earlier build perhaps: stop it and try again");
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MS));
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }
    }

    private static boolean hasMembers(Admin admin, String group) {
        Map<String, KafkaFuture<ConsumerGroupDescription>> described =
                admin.describeConsumerGroups(List.of(group)).describedGroups();
        return described.values().stream()
                .map(each -> get(each, GroupIdNotFoundException.class))
                .anyMatch(
                        each -> each.filter(known -> !known.members().isEmpty()).isPresent());
    }

    /** Deletes what is there. */
    void delete() {
        try (Admin admin = Admin.create(new HashMap<>(plan.kafkaClient()))) {
            admin.deleteConsumerGroups(groups())
                    .deletedGroups()
                    .values()
                    .forEach(each -> ignore(get(each, GroupIdNotFoundException.class)));
            Set<String> ours = names();
            List<String> there =
                    get(admin.listTopics().names(), UnknownTopicOrPartitionException.class).orElse(Set.of()).stream()
                            .filter(ours::contains)
                            .toList();
            admin.deleteTopics(there)
                    .topicNameValues()
                    .values()
                    .forEach(each -> ignore(get(each, UnknownTopicOrPartitionException.class)));
        }
    }

    /** By name, each: what begins alike is another model's, or another generation's. */
    Set<String> names() {
        Topics topics = plan.topics();
        Set<String> names = new HashSet<>();
        names.add(topics.parked(Topics.build(generations.model(), build.number())));
        if (assembles) {
            names.add(topics.documents(assembly()));
            names.addAll(AssemblerTopics.of(topics, assembly(), parts(build.definition())));
        }
        return names;
    }

    /** The paths of references and children in a definition. */
    static Set<String> parts(JsonNode definition) {
        Set<String> parts = new HashSet<>();
        collect("", definition, parts);
        return parts;
    }

    private static void collect(String path, JsonNode node, Set<String> parts) {
        for (String kind : List.of("one", "many")) {
            node.path(kind).properties().forEach(each -> {
                parts.add(path + each.getKey());
                collect(path + each.getKey() + ".", each.getValue(), parts);
            });
        }
    }

    private static void ignore(java.util.Optional<?> gone) {
        boolean unused = gone.isPresent();
    }

    private static <T> java.util.Optional<T> get(KafkaFuture<T> asked, Class<? extends Exception> absent) {
        try {
            return java.util.Optional.ofNullable(asked.get(30, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            if (absent.isInstance(e.getCause())) {
                return java.util.Optional.empty();
            }
            throw new TidemarkException(ErrorCode.UNREACHABLE, "Kafka does not answer: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new TidemarkException(ErrorCode.UNREACHABLE, "Kafka does not answer within 30 s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkException(ErrorCode.FAILED, "Interrupted while Kafka was asked", e);
        }
    }
}
