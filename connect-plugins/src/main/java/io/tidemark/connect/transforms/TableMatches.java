package io.tidemark.connect.transforms;

import io.tidemark.connect.PluginVersion;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.transforms.predicates.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether a record is of a table whose {@code schema.table} matches: as the envelope says it, or the fields {@code __schema}
 * and {@code __table} of a flattened row, whatever the topic is called. Of databases without schemas it is
 * {@code database.table}. A tombstone, and a row without these fields, says nothing; its topic's last two parts are taken. Bytes
 * are refused.
 */
public final class TableMatches<R extends ConnectRecord<R>> implements Predicate<R> {

    static final String PATTERN = "pattern";

    public static final ConfigDef CONFIG_DEF = new ConfigDef()
            .define(
                    PATTERN,
                    ConfigDef.Type.STRING,
                    ConfigDef.NO_DEFAULT_VALUE,
                    ConfigDef.LambdaValidator.with(TableMatches::requirePattern, () -> "a regular expression"),
                    ConfigDef.Importance.HIGH,
                    "Regular expression that schema.table matches as a whole, for example public\\.(orders|customers).");

    private Pattern pattern = Pattern.compile("");

    private static void requirePattern(String name, @Nullable Object value) {
        try {
            Pattern.compile(String.valueOf(value));
        } catch (PatternSyntaxException e) {
            throw new ConfigException(name, value, "no regular expression: " + e.getDescription());
        }
    }

    @Override
    public void configure(Map<String, ?> given) {
        pattern = Pattern.compile(new AbstractConfig(CONFIG_DEF, given, false).getString(PATTERN));
    }

    @Override
    public boolean test(R record) {
        return pattern.matcher(table(record)).matches();
    }

    private String table(R record) {
        Rows.requireRead("TableMatches", record.value());
        Object source = Rows.field(record.value(), "source");
        if (source != null) {
            return table(source, "");
        }
        String flattened = table(record.value(), "__");
        if (!flattened.startsWith(".") && !flattened.endsWith(".")) {
            return flattened;
        }
        String topic = record.topic();
        int table = topic.lastIndexOf('.');
        return topic.substring(topic.lastIndexOf('.', table - 1) + 1);
    }

    /** Where there are no schemas, as in MySQL, tables are in databases. */
    private static String table(@Nullable Object named, String prefix) {
        String schema = Rows.text(named, prefix + "schema");
        return (schema.isEmpty() ? Rows.text(named, prefix + "db") : schema) + "." + Rows.text(named, prefix + "table");
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
