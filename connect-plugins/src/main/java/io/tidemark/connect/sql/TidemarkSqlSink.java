package io.tidemark.connect.sql;

import io.tidemark.connect.sink.TargetStore;
import io.tidemark.connect.sink.TidemarkSink;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;

/** Writes documents and rows into a PostgreSQL table: idempotent, fenced by versions, deletes included. */
public final class TidemarkSqlSink extends TidemarkSink {

    @Override
    public Class<? extends Task> taskClass() {
        return TidemarkSqlTask.class;
    }

    @Override
    public ConfigDef config() {
        return SqlKeys.DEF;
    }

    @Override
    protected AbstractConfig parse(Map<String, String> given) {
        return new AbstractConfig(SqlKeys.DEF, given, false);
    }

    @Override
    protected TargetStore store(AbstractConfig config) {
        return SqlTarget.of(config);
    }
}
