package io.tidemark.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.junit.jupiter.api.Test;

/** What a sink finds wrong in its configuration, with a store in memory. */
class TidemarkSinkTest {

    private static final class Sink extends TidemarkSink {

        private final MemoryStore store;

        Sink(MemoryStore store) {
            this.store = store;
        }

        @Override
        protected AbstractConfig parse(Map<String, String> given) {
            return new AbstractConfig(config(), given, false);
        }

        @Override
        protected TargetStore store(AbstractConfig config) {
            return store;
        }

        @Override
        public Class<? extends Task> taskClass() {
            return TidemarkSinkTask.class;
        }

        @Override
        public ConfigDef config() {
            return SinkKeys.common(new ConfigDef()
                    .define("connection.url", ConfigDef.Type.STRING, "", ConfigDef.Importance.LOW, "")
                    .define("primary.key.fields", ConfigDef.Type.LIST, "", ConfigDef.Importance.LOW, ""));
        }
    }

    @Test
    void several_topics_are_not_written_into_one_target() {
        assertThat(errors("orders", Map.of("topics", "a.orders, b.orders")))
                .containsOnlyKeys("max.retries")
                .hasEntrySatisfying(
                        "max.retries", errors -> assertThat(errors.toString()).contains("'orders'", "${topic}"));
        assertThat(errors("orders", Map.of("topics.regex", ".*orders"))).containsOnlyKeys("max.retries");
        assertThat(errors("${topic}", Map.of("topics", "a.orders,b.orders"))).isEmpty();
        assertThat(errors("orders", Map.of("topics", "a.orders"))).isEmpty();
        assertThat(errors("${topic}", Map.of("topics", "a.orders,b.orders", "read.model", "orders")))
                .containsOnlyKeys("read.model");
    }

    /** A worker commits places without notes for topics of which nothing was read yet. */
    @Test
    void a_connector_has_one_documents_topic() {
        assertThat(errors("${topic}", Map.of("topics.regex", ".*documents", "input", "documents")))
                .containsKey("input");
    }

    /** A tidemark would be claimed without what is passed over. */
    @Test
    void nothing_may_take_records_out_of_a_documents_topic() {
        Map<String, String> config = Map.of("topics", "a", "input", "documents");
        assertThat(errors("orders", config)).doesNotContainKeys("input", "behavior.on.malformed.documents");
        Map<String, String> ignoring = new HashMap<>(config);
        ignoring.put("behavior.on.malformed.documents", "ignore");
        assertThat(errors("orders", ignoring)).containsKey("behavior.on.malformed.documents");
        Map<String, String> tolerant = new HashMap<>(config);
        tolerant.put("errors.tolerance", "all");
        assertThat(errors("orders", tolerant)).containsKey("behavior.on.malformed.documents");
        tolerant.put("errors.deadletterqueue.topic.name", "dead");
        assertThat(errors("orders", tolerant)).doesNotContainKey("behavior.on.malformed.documents");
        for (String type : List.of(
                "org.apache.kafka.connect.transforms.Filter",
                "Filter",
                "io.debezium.transforms.Filter",
                "RegexRouter",
                "org.apache.kafka.connect.transforms.ValueToKey",
                "io.tidemark.connect.transforms.MaskFields$Key")) {
            Map<String, String> filtered = new HashMap<>(config);
            filtered.put("transforms", "none, away");
            filtered.put("transforms.none.type", "io.tidemark.connect.transforms.MaskFields$Value");
            filtered.put("transforms.away.type", type);
            assertThat(errors("orders", filtered)).hasEntrySatisfying("input", errors -> assertThat(errors.toString())
                    .contains("away")
                    .doesNotContain("none"));
        }
    }

    @Test
    void fields_of_the_key_are_those_of_the_target() {
        MemoryStore store = new MemoryStore(new TestClocks());
        store.keyed("id");
        assertThat(errors(store, Map.of("topics", "a", "primary.key.fields", "id,region")))
                .containsOnlyKeys("primary.key.fields");
        assertThat(errors(store, Map.of("topics", "a", "primary.key.fields", "id")))
                .isEmpty();
    }

    /** Else all of the topic would be refused, record by record. */
    @Test
    void a_transform_that_may_change_keys_needs_consent_before_the_connector_runs() {
        Map<String, String> config = new HashMap<>(Map.of(
                "topics", "a", "transforms", "t", "transforms.t.type", "io.debezium.transforms.outbox.EventRouter"));
        assertThat(errors("orders", config)).containsOnlyKeys("primary.key.in.one.partition");
        config.put("primary.key.in.one.partition", "true");
        assertThat(errors("orders", config)).isEmpty();
        config.remove("primary.key.in.one.partition");
        config.put("transforms.t.type", "io.tidemark.connect.transforms.MaskFields$Value");
        assertThat(errors("orders", config)).isEmpty();
    }

    private static Map<String, List<String>> errors(String target, Map<String, String> config) {
        return errors(new MemoryStore(new TestClocks()).named(target), config);
    }

    private static Map<String, List<String>> errors(MemoryStore store, Map<String, String> config) {
        Map<String, String> given = new HashMap<>(config);
        given.put("name", "c");
        Map<String, List<String>> errors = new HashMap<>();
        for (ConfigValue value : new Sink(store).validate(given).configValues()) {
            if (!value.errorMessages().isEmpty()) {
                errors.put(value.name(), value.errorMessages());
            }
        }
        return errors;
    }
}
