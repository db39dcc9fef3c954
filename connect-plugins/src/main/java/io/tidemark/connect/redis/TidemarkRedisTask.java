package io.tidemark.connect.redis;

import io.tidemark.connect.sink.TargetStore;
import io.tidemark.connect.sink.TidemarkSinkTask;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;

/** A task of {@link TidemarkRedisSink}. */
public final class TidemarkRedisTask extends TidemarkSinkTask {

    @Override
    protected AbstractConfig parse(Map<String, String> properties) {
        return new AbstractConfig(RedisKeys.DEF, properties, false);
    }

    @Override
    protected TargetStore store(AbstractConfig config) {
        return RedisKeyspace.of(config);
    }
}
