package io.tidemark.projections.internal;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
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
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates documents topics. */
public final class DocumentsTopic {

    private static final int TIMEOUT_SECONDS = 30;

    private final ProjectionSettings settings;

    public DocumentsTopic(ProjectionSettings settings) {
        this.settings = settings;
    }

    /** Makes the documents topic of a model if it is missing. */
    public void ensure(String model) {
        String name = settings.topics().documents(model);
        String history = Long.toString(settings.history().toMillis());
        NewTopic topic = new NewTopic(name, Optional.of(settings.partitions()), Optional.empty())
                .configs(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG,
                        history,
                        TopicConfig.DELETE_RETENTION_MS_CONFIG,
                        history,
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        "LogAppendTime"));
        try (Admin admin = Admin.create(new HashMap<>(settings.kafkaClient()))) {
            admin.createTopics(List.of(topic)).all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw unreachable(name, e);
            }
        } catch (TimeoutException e) {
            throw unreachable(name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkException(ErrorCode.FAILED, "Interrupted while creating topic " + name, e);
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
