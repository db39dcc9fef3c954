package io.tidemark.connect.transforms;

import io.tidemark.connect.PluginVersion;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.transforms.predicates.Predicate;

/** Whether a record is a row that was read from its table, not a change of one: by a first snapshot, or an incremental one. */
public final class IsSnapshot<R extends ConnectRecord<R>> implements Predicate<R> {

    private static final ConfigDef CONFIG_DEF = new ConfigDef();

    @Override
    public boolean test(R record) {
        String snapshot = Rows.text(Rows.field(record.value(), "source"), "snapshot");
        return Rows.isEnvelope(record.value()) && !snapshot.isEmpty() && !snapshot.equals("false");
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
