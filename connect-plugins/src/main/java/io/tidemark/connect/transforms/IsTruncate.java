package io.tidemark.connect.transforms;

import io.tidemark.connect.PluginVersion;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.transforms.predicates.Predicate;

/** Whether a record is a TRUNCATE of its table. */
public final class IsTruncate<R extends ConnectRecord<R>> implements Predicate<R> {

    private static final ConfigDef CONFIG_DEF = new ConfigDef();

    @Override
    public boolean test(R record) {
        return Rows.isEnvelope(record.value())
                && Rows.text(record.value(), "op").equals("t");
    }

    @Override
    public void configure(Map<String, ?> given) {
        // There is nothing to say.
    }

    @Override
    public ConfigDef config() {
        return CONFIG_DEF;
    }

    @Override
    public String version() {
        return PluginVersion.get();
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
