package io.tidemark.connect.redis;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.connect.sink.TargetStore;
import io.tidemark.model.store.Generation;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.junit.jupiter.api.Test;

class RedisKeyspaceTest {

    @Test
    void a_key_that_all_documents_would_share_is_refused() {
        RedisKeyspace keyspace = RedisKeyspace.of(new AbstractConfig(
                RedisKeys.DEF, Map.of("connection.url", "redis://localhost:6379", "redis.key", "orders")));
        var content = new TargetStore.Content("t", new Generation("orders", 1, ""), 1);
        assertThatThrownBy(() -> keyspace.writer(content)).hasMessageContaining("redis.key=orders");
    }
}
