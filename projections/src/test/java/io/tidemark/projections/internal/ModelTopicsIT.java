package io.tidemark.projections.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.projections.DocumentLimit;
import io.tidemark.projections.ProjectionSettings;
import io.tidemark.testkit.SharedStack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelTopicsIT {

    private static ModelTopics topics(String prefix) {
        return new ModelTopics(new ProjectionSettings(
                Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers()),
                new Topics(prefix),
                1,
                Duration.ofDays(1),
                Path.of(""),
                1,
                0));
    }

    @Test
    void a_documents_topic_takes_what_its_documents_may_be_and_no_more_is_allowed_later() {
        ModelTopics topics = topics("rooms");
        topics.ensure("orders", new DocumentLimit(5_000_000));
        topics.ensure("orders", DocumentLimit.DEFAULT);
        topics.ensure("orders", new DocumentLimit(5_000_000));

        assertThatThrownBy(() -> topics.ensure("orders", new DocumentLimit(5_000_001)))
                .isInstanceOfSatisfying(TidemarkException.class, thrown -> assertThat(thrown.code())
                        .isEqualTo(ErrorCode.CONFIGURATION))
                .hasMessageContaining("Topic rooms.orders.documents takes records of 5048576 bytes (max.message.bytes)")
                .hasMessageContaining("documents of 5000001 bytes (max-document-bytes) need 5048577");
    }
}
