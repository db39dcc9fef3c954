package io.tidemark.projections.internal;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.projections.DocumentLimit;
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
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the topics of a document model. */
public final class ModelTopics {

    private static final Logger LOG = LoggerFactory.getLogger(ModelTopics.class);
    private static final int TIMEOUT_SECONDS = 30;

    private final ProjectionSettings settings;

    public ModelTopics(ProjectionSettings settings) {
        this.settings = settings;
    }

    /**
     * Makes a model's documents topic and its parked topic where they are missing.
     *
     * @throws TidemarkException CONFIGURATION when the documents topic does not take documents as large as they may be
     */
    public void ensure(String model, DocumentLimit limit) {
        String history = Long.toString(settings.history().toMillis());
        String documents = settings.topics().documents(model);
        NewTopic ofDocuments = new NewTopic(documents, Optional.of(settings.partitions()), Optional.empty())
                .configs(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG,
                        history,
                        TopicConfig.DELETE_RETENTION_MS_CONFIG,
                        history,
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        "LogAppendTime",
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(Math.max(limit.recordBytes(), DocumentLimit.DEFAULT.recordBytes()))));
        try (Admin admin = Admin.create(new HashMap<>(settings.kafkaClient()))) {
            Map<String, KafkaFuture<Void>> creating =
                    admin.createTopics(List.of(ofDocuments, ofParked(model))).values();
            for (Map.Entry<String, KafkaFuture<Void>> topic : creating.entrySet()) {
                boolean there = !isMade(topic.getKey(), topic.getValue());
                if (there && topic.getKey().equals(documents)) {
                    requireRoom(admin, documents, limit);
                }
            }
        }
    }

    private NewTopic ofParked(String model) {
        return new NewTopic(settings.topics().parked(model), Optional.of(1), Optional.empty())
                .configs(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(ParkedDocuments.MOST_RECORD_BYTES)));
    }

    /** Makes the parked topic alone, of a model whose documents are another one's. */
    public void ensureParked(String model) {
        NewTopic parked = ofParked(model);
        try (Admin admin = Admin.create(new HashMap<>(settings.kafkaClient()))) {
            boolean unused =
                    isMade(parked.name(), admin.createTopics(List.of(parked)).all());
        }
    }

    /** What brokers take of a record is the topic's to say; what a producer sends is ours. */
    private void requireRoom(Admin admin, String documents, DocumentLimit limit) {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, documents);
        int takes = maxMessageBytes(admin, topic);
        if (takes < limit.recordBytes()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Topic " + documents + " takes records of " + takes
                            + " bytes (max.message.bytes), and documents of "
                            + limit.maxBytes() + " bytes (max-document-bytes) need " + limit.recordBytes()
                            + ". Raise max.message.bytes of the topic, or lower max-document-bytes");
        }
    }

    private int maxMessageBytes(Admin admin, ConfigResource topic) {
        try {
            return admin.describeConfigs(List.of(topic)).all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS).values().stream()
                    .mapToInt(config -> Integer.parseInt(
                            config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value()))
                    .findFirst()
                    .orElseThrow();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                LOG.warn(
                        "Kafka does not let us see max.message.bytes of {}: {}",
                        topic.name(),
                        e.getCause().getMessage());
                return Integer.MAX_VALUE;
            }
            throw unreachable("does not describe", topic.name(), e);
        } catch (TimeoutException e) {
            throw unreachable("does not describe", topic.name(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkException(ErrorCode.FAILED, "Interrupted while asking Kafka about " + topic.name(), e);
        }
    }

    /** Waits until a topic is there; false when it was before. */
    private boolean isMade(String topic, KafkaFuture<Void> created) {
        try {
            created.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw unreachable("does not create", topic, e);
            }
            return false;
        } catch (TimeoutException e) {
            throw unreachable("does not create", topic, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkException(ErrorCode.FAILED, "Interrupted while creating topic " + topic, e);
        }
    }

    private TidemarkException unreachable(String what, String topic, Exception e) {
        return new TidemarkException(
                ErrorCode.UNREACHABLE,
                "Kafka at " + settings.kafkaClient().get("bootstrap.servers") + " " + what + " topic " + topic + ": "
                        + e.getMessage(),
                e);
    }
}
