package io.tidemark.connect;

import io.tidemark.connect.converter.TidemarkConverter;
import io.tidemark.connect.elasticsearch.TidemarkElasticsearchSink;
import io.tidemark.connect.redis.TidemarkRedisSink;
import io.tidemark.connect.sql.TidemarkSqlSink;
import io.tidemark.connect.transforms.DecodeLogicalMessage;
import io.tidemark.connect.transforms.FillUnchanged;
import io.tidemark.connect.transforms.MaskFields;
import io.tidemark.connect.transforms.TableMatches;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/** Pages of {@code docs/connect}, made of the definitions of the configuration. */
final class ReferencePages {

    private static final String NOTE =
            "Generated from the plugins' own definitions; a test keeps it so." + " [How to use them](../connect.md).\n";

    private ReferencePages() {}

    /** Pages by name of the file. */
    static Map<String, String> all() {
        Map<String, String> pages = new TreeMap<>();
        pages.put("elasticsearch.md", sink("TidemarkElasticsearchSink", new TidemarkElasticsearchSink().config()));
        pages.put("redis.md", sink("TidemarkRedisSink", new TidemarkRedisSink().config()));
        pages.put("sql.md", sink("TidemarkSqlSink", new TidemarkSqlSink().config()));
        Map<String, ConfigDef> transforms = new LinkedHashMap<>();
        transforms.put("MaskFields$Key and MaskFields$Value", MaskFields.CONFIG_DEF);
        transforms.put("FillUnchanged", FillUnchanged.CONFIG_DEF);
        transforms.put("DecodeLogicalMessage", DecodeLogicalMessage.CONFIG_DEF);
        transforms.put("TableMatches (predicate)", TableMatches.CONFIG_DEF);
        transforms.put("IsSnapshot (predicate)", new ConfigDef());
        transforms.put("IsTruncate (predicate)", new ConfigDef());
        transforms.put("TidemarkConverter", TidemarkConverter.CONFIG_DEF);
        pages.put("transforms.md", sections("Transforms, predicates and the converter", transforms));
        return pages;
    }

    private static String sink(String title, ConfigDef def) {
        Map<String, ConfigDef> groups = new LinkedHashMap<>();
        for (String group : def.groups()) {
            ConfigDef some = new ConfigDef();
            def.configKeys().values().stream()
                    .filter(key -> group.equals(key.group))
                    .sorted(Comparator.comparingInt(key -> key.orderInGroup))
                    .forEach(some::define);
            groups.put(group, some);
        }
        return sections(title, groups);
    }

    private static String sections(String title, Map<String, ConfigDef> sections) {
        StringBuilder page = new StringBuilder("# " + title + "\n\n" + NOTE);
        sections.forEach((name, def) -> {
            page.append("\n## ").append(name).append("\n\n");
            page.append(def.configKeys().isEmpty() ? "Nothing to configure.\n" : table(def));
        });
        return page.toString();
    }

    private static String table(ConfigDef def) {
        List<ConfigKey> keys = def.configKeys().values().stream()
                .sorted(Comparator.comparingInt(key -> key.orderInGroup))
                .toList();
        return "| key | type | default | importance | |\n|---|---|---|---|---|\n"
                + keys.stream().map(ReferencePages::row).collect(Collectors.joining());
    }

    private static String row(ConfigKey key) {
        String text = key.documentation.replace("|", "\\|").replace("<", "&lt;");
        String values = key.validator instanceof ConfigDef.ValidString || key.validator instanceof ConfigDef.Range
                ? " Valid: " + key.validator + "."
                : "";
        return "| `" + key.name + "` | " + lower(key.type.name()) + " | " + otherwise(key) + " | "
                + lower(key.importance.name()) + " | " + text + values + " |\n";
    }

    private static String otherwise(ConfigKey key) {
        if (!key.hasDefault()) {
            return "required";
        }
        Object value = key.defaultValue;
        boolean none = value == null
                || value.toString().isEmpty()
                || value.equals(List.of())
                || key.type == ConfigDef.Type.PASSWORD;
        return none ? "" : "`" + value + "`";
    }

    private static String lower(String text) {
        return text.toLowerCase(java.util.Locale.ROOT);
    }
}
