package io.tidemark.projections.internal;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.projections.ParkedDocuments;
import io.tidemark.projections.ProjectionSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics of a document model. */
public final class ModelTopics {

    private static final int TIMEOUT_SECONDS = 30;

    private final ProjectionSettings settings;

    public ModelTopics(ProjectionSettings settings) {
        this.settings = settings;
    }

    /** Makes a model's documents topic and its parked topic where they are missing. */
    public void ensure(String model) {
        String history = Long.toString(settings.history().toMillis());
        String documents = settings.topics().documents(model);
        String parked = settings.topics().parked(model);
        NewTopic ofDocuments = new NewTopic(documents, Optional.of(settings.partitions()), Optional.empty())
                .configs(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG,
                        history,
                        TopicConfig.DELETE_RETENTION_MS_CONFIG,
                        history,
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        "LogAppendTime"));
        NewTopic ofParked = new NewTopic(parked, Optional.of(1), Optional.empty())
                .configs(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(ParkedDocuments.MOST_RECORD_BYTES)));
        try (Admin admin = Admin.create(new HashMap<>(settings.kafkaClient()))) {
            Map<String, KafkaFuture<Void>> creating =
                    admin.createTopics(List.of(ofDocuments, ofParked)).values();
            for (Map.Entry<String, KafkaFuture<Void>> topic : creating.entrySet()) {
                await(topic.getKey(), topic.getValue());
            }
        }
    }

    private void await(String topic, KafkaFuture<Void> created) {
        try {
            created.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw unreachable(topic, e);
            }
        } catch (TimeoutException e) {
            throw unreachable(topic, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkException(ErrorCode.FAILED, "Interrupted while creating topic " + topic, e);
        }
    }

    private TidemarkException unreachable(String topic, Exception e) {
        return new TidemarkException(
                ErrorCode.UNREACHABLE,
                "Kafka at " + settings.kafkaClient().get("bootstrap.servers") + " does not create topic " + topic + ": "
                        + e.getMessage(),
                e);
    }
}
