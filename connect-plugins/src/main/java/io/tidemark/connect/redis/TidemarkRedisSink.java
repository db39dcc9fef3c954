package io.tidemark.connect.redis;

import io.tidemark.connect.sink.TargetStore;
import io.tidemark.connect.sink.TidemarkSink;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;

/** Writes documents and rows into Redis: idempotent, fenced by versions, deletes included. */
public final class TidemarkRedisSink extends TidemarkSink {

    @Override
    public Class<? extends Task> taskClass() {
        return TidemarkRedisTask.class;
    }

    @Override
    public ConfigDef config() {
        return RedisKeys.DEF;
    }

    @Override
    protected AbstractConfig parse(Map<String, String> given) {
        return new AbstractConfig(RedisKeys.DEF, given, false);
    }

    @Override
    protected TargetStore store(AbstractConfig config) {
        return RedisKeyspace.of(config);
    }
}
