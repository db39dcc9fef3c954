package io.tidemark.connect.elasticsearch;

import io.tidemark.connect.sink.TargetStore;
import io.tidemark.connect.sink.TidemarkSinkTask;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;

/** A task of {@link TidemarkElasticsearchSink}. */
public final class TidemarkElasticsearchTask extends TidemarkSinkTask {

    @Override
    protected AbstractConfig parse(Map<String, String> properties) {
        return new AbstractConfig(ElasticsearchKeys.DEF, properties, false);
    }

    @Override
    protected TargetStore store(AbstractConfig config) {
        return ElasticsearchTarget.of(config);
    }
}
