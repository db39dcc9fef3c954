package io.tidemark.capture.internal.kafka;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics of a capture as DESIGN's table of topics has them, and checks those that exist. */
public final class TopicSetup {

    private static final Duration TIDEMARKS_OUTLIVE_HISTORY_BY = Duration.ofDays(1);

    private final CaptureSettings settings;
    private final Topics topics;

    public TopicSetup(CaptureSettings settings) {
        this.settings = settings;
        this.topics = settings.topics();
    }

    /**
     * Makes what is missing.
     *
     * @param begun change topics that a capture has written already: then none of them may be missing, nor one of those
     *     every capture has
     * @throws TidemarkException DATA_LOSS when one is, UNREACHABLE when Kafka does not answer, CONFIGURATION when a topic has another number
     *     of partitions
     */
    public void ensure(Set<String> begun) {
        try (KafkaAdmin kafka = KafkaAdmin.reach(settings.kafkaClient())) {
            create(kafka, missing(kafka, begun));
        }
    }

    /**
     * Checks the same and makes nothing.
     *
     * @param begun as in {@link #ensure}
     */
    public void requireThere(Set<String> begun) {
        try (KafkaAdmin kafka = KafkaAdmin.reach(settings.kafkaClient())) {
            var unused = missing(kafka, begun);
        }
    }

    /** Those that may be made; the others were checked. */
    private List<NewTopic> missing(KafkaAdmin kafka, Set<String> begun) {
        Set<String> existing =
                new HashSet<>(kafka.await(kafka.client().listTopics().names()));
        Map<Boolean, List<NewTopic>> wanted =
                wanted().stream().collect(Collectors.partitioningBy(topic -> existing.contains(topic.name())));
        List<NewTopic> missing = wanted.getOrDefault(false, List.of());
        requireNoneGone(missing, begun);
        checkPartitions(kafka, wanted.getOrDefault(true, List.of()));
        return missing;
    }

    private void requireNoneGone(List<NewTopic> missing, Set<String> begun) {
        Set<String> added = settings.tables().stream()
                .map(topics::changes)
                .filter(topic -> !begun.contains(topic))
                .collect(Collectors.toSet());
        List<String> gone = missing.stream()
                .map(NewTopic::name)
                .filter(topic -> !added.contains(topic))
                .toList();
        if (!begun.isEmpty() && !gone.isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "Topics of this capture are gone: " + gone + ". What they held is lost. " + startOver());
        }
    }

    /**
     * Requires that what a tidemark covers is still there.
     *
     * @throws TidemarkException DATA_LOSS when a topic ends before that: it was made anew, or a broker lost records
     */
    public void requireReached(Cut cut) {
        try (KafkaAdmin kafka = KafkaAdmin.reach(settings.kafkaClient())) {
            for (Map.Entry<String, List<Long>> topic : cut.offsets().entrySet()) {
                kafka.ends(topic.getKey()).forEach((partition, end) -> {
                    long covered = cut.offset(partition.topic(), partition.partition());
                    if (end < covered) {
                        throw new TidemarkException(
                                ErrorCode.DATA_LOSS,
                                "Topic partition " + partition + " ends at offset " + end + ", before the " + covered
                                        + " of tidemark " + cut.tidemark()
                                        + ": it was made anew, or Kafka lost records. "
                                        + startOver());
                    }
                });
            }
        }
    }

    private String startOver() {
        return "Drop the topics with prefix '" + topics.prefix()
                + "' and the slot to start over, or use a new kafka.prefix and slot";
    }

    private static void create(KafkaAdmin kafka, List<NewTopic> missing) {
        for (KafkaFuture<Void> creation :
                kafka.client().createTopics(missing).values().values()) {
            try {
                kafka.await(creation);
            } catch (TidemarkException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
    }

    private static void checkPartitions(KafkaAdmin kafka, List<NewTopic> existing) {
        Map<String, TopicDescription> descriptions = kafka.await(kafka.client()
                .describeTopics(existing.stream().map(NewTopic::name).toList())
                .allTopicNames());
        for (NewTopic topic : existing) {
            TopicDescription description = descriptions.get(topic.name());
            int found = description == null ? 0 : description.partitions().size();
            if (found != topic.numPartitions()) {
                throw new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        "Topic " + topic.name() + " has " + found + " partitions, the configuration says "
                                + topic.numPartitions()
                                + ". Set kafka.partitions to " + found + ", or capture under a new kafka.prefix");
            }
        }
    }

    private List<NewTopic> wanted() {
        long history = settings.history().toMillis();
        Map<String, String> compacted = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG,
                Long.toString(history),
                TopicConfig.DELETE_RETENTION_MS_CONFIG,
                Long.toString(history),
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "LogAppendTime");
        Map<String, String> kept = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_DELETE,
                TopicConfig.RETENTION_MS_CONFIG,
                Long.toString(history + TIDEMARKS_OUTLIVE_HISTORY_BY.toMillis()),
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "LogAppendTime");
        Map<String, String> latest = Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
        List<NewTopic> wanted = new ArrayList<>();
        for (TableId table : settings.tables()) {
            wanted.add(topic(topics.changes(table), settings.partitions(), compacted));
        }
        wanted.add(topic(topics.tidemarks(), 1, kept));
        wanted.add(topic(topics.messages(), 1, kept));
        wanted.add(topic(topics.state(), 1, latest));
        // Who keeps every version of a row reads each by the description of then.
        wanted.add(topic(topics.relations(), 1, compacted));
        return wanted;
    }

    private static NewTopic topic(String name, int partitions, Map<String, String> config) {
        return new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(config);
    }
}
