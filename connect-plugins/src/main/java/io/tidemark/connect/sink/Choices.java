package io.tidemark.connect.sink;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;

/** Recommends the same values whatever else is configured. */
public final class Choices implements ConfigDef.Recommender {

    private final List<Object> values;

    public Choices(String... values) {
        this.values = List.of((Object[]) values);
    }

    @Override
    public List<Object> validValues(String name, Map<String, Object> parsed) {
        return values;
    }

    @Override
    public boolean visible(String name, Map<String, Object> parsed) {
        return true;
    }
}
