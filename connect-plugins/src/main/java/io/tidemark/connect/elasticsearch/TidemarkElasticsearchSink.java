package io.tidemark.connect.elasticsearch;

import io.tidemark.connect.sink.TargetStore;
import io.tidemark.connect.sink.TidemarkSink;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;

/** Writes documents and rows into Elasticsearch: idempotent, fenced by versions, deletes included. */
public final class TidemarkElasticsearchSink extends TidemarkSink {

    @Override
    public Class<? extends Task> taskClass() {
        return TidemarkElasticsearchTask.class;
    }

    @Override
    public ConfigDef config() {
        return ElasticsearchKeys.DEF;
    }

    @Override
    protected AbstractConfig parse(Map<String, String> given) {
        return new AbstractConfig(ElasticsearchKeys.DEF, given, false);
    }

    @Override
    protected TargetStore store(AbstractConfig config) {
        return ElasticsearchTarget.of(config);
    }
}
