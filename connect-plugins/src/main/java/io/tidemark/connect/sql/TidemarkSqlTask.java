package io.tidemark.connect.sql;

import io.tidemark.connect.sink.TargetStore;
import io.tidemark.connect.sink.TidemarkSinkTask;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;

/** A task of {@link TidemarkSqlSink}. */
public final class TidemarkSqlTask extends TidemarkSinkTask {

    @Override
    protected AbstractConfig parse(Map<String, String> properties) {
        return new AbstractConfig(SqlKeys.DEF, properties, false);
    }

    @Override
    protected TargetStore store(AbstractConfig config) {
        return SqlTarget.of(config);
    }
}
