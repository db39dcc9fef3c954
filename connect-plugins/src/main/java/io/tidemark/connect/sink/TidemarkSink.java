package io.tidemark.connect.sink;

import io.tidemark.connect.PluginVersion;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Generation;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;

/** A sink connector over one kind of store. */
public abstract class TidemarkSink extends SinkConnector {

    private Map<String, String> properties = Map.of();

    /** Reads the configuration. */
    protected abstract AbstractConfig parse(Map<String, String> given);

    /** The store it names. */
    protected abstract TargetStore store(AbstractConfig config);

    @Override
    public String version() {
        return PluginVersion.get();
    }

    @Override
    public void start(Map<String, String> given) {
        properties = Map.copyOf(given);
        try {
            store(parse(given));
        } catch (TidemarkException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return Collections.nCopies(maxTasks, properties);
    }

    @Override
    public void stop() {
        properties = Map.of();
    }

    /** Each key by itself, then keys against each other, then against the servers. */
    @Override
    public Config validate(Map<String, String> given) {
        Config config = super.validate(given);
        if (hasNoErrors(config)) {
            new Problems(config).find(given, parse(given), this);
        }
        return config;
    }

    static boolean hasNoErrors(Config config) {
        return config.configValues().stream().map(ConfigValue::errorMessages).allMatch(List::isEmpty);
    }

    /**
     * Offsets altered through the REST interface, where the consumer group keeps them: the records are written again, and
     * what the store has as new or newer stays.
     */
    @Override
    public boolean alterOffsets(Map<String, String> given, Map<TopicPartition, Long> offsets) {
        return true;
    }

    /** What is wrong between keys, and with what they name; each problem at the key that mends it. */
    private record Problems(Config config) {

        void find(Map<String, String> given, AbstractConfig parsed, TidemarkSink sink) {
            SinkSettings settings = SinkSettings.of(parsed);
            if (settings.input() == Input.DOCUMENTS) {
                ofDocuments(given, settings);
            }
            if (settings.keyInValue() && settings.keyFields().isEmpty()) {
                add(
                        SinkKeys.PRIMARY_KEY_FIELDS,
                        SinkKeys.PRIMARY_KEY_MODE
                                + "=record_value needs the names of the key's fields, for example 'id'");
            }
            store(given, parsed, settings, sink);
            keys(settings, kafka(given, settings));
        }

        /** Where versions are positions that is not needed, but only the records will say what they are. */
        private void keys(SinkSettings settings, Map<String, Brokers.Described> topics) {
            boolean single = !topics.isEmpty() && topics.values().stream().allMatch(topic -> topic.partitions() == 1);
            if (settings.input() == Input.RECORDS
                    && !settings.keyTransforms().isEmpty()
                    && !settings.keysStay()
                    && !single) {
                add(
                        SinkKeys.ONE_PARTITION,
                        "is not 'true', and the transforms " + settings.keyTransforms()
                                + " may give records other keys than those they are partitioned by: records of one document"
                                + " could be in several partitions, and offsets would not say which is newer. Say 'true' where"
                                + " one document's records are in one partition, and for Tidemark's own topics");
            }
        }

        private void ofDocuments(Map<String, String> given, SinkSettings settings) {
            if (!settings.readCommitted()) {
                add(
                        SinkKeys.ISOLATION,
                        "is '" + given.getOrDefault(SinkKeys.ISOLATION, "") + "', and documents topics are"
                                + " written in transactions: set " + SinkKeys.ISOLATION + "="
                                + SinkKeys.READ_COMMITTED);
            }
            if (settings.kafka().isEmpty()) {
                add(SinkKeys.BOOTSTRAP, "is needed for input=documents: name the worker's brokers, host:port");
            }
            if (settings.onNull() != Unwanted.DELETE) {
                add(
                        SinkKeys.ON_NULL,
                        "must be 'delete' for input=documents: a document that stays after its row is gone is"
                                + " not what the source is");
            }
            boolean forgotten = given.getOrDefault("errors.tolerance", "").equals("all")
                    && given.getOrDefault("errors.deadletterqueue.topic.name", "")
                            .isEmpty();
            if (settings.onMalformed() == Unwanted.IGNORE || forgotten) {
                add(
                        SinkKeys.ON_MALFORMED,
                        "must be 'fail' for input=documents, and errors.tolerance=all needs"
                                + " errors.deadletterqueue.topic.name: a tidemark would be claimed of documents that are not"
                                + " there, and nothing would say which");
            }
            wholeTopic(new Transforms(given));
        }

        /** What is claimed is that everything before the marker is there, in the place that its topic says. */
        private void wholeTopic(Transforms transforms) {
            List<String> away = transforms.thatTakeAway();
            if (!away.isEmpty()) {
                add(
                        SinkKeys.INPUT,
                        "is 'documents', and " + away + " in transforms would take records out of the topic, or give"
                                + " them another topic or key: documents whose tidemark is claimed would not be there."
                                + " Leave them out");
            }
        }

        private void store(Map<String, String> given, AbstractConfig parsed, SinkSettings settings, TidemarkSink sink) {
            try {
                TargetStore target = sink.store(parsed);
                topics(given, target, settings);
                target(target, settings);
                target.check();
            } catch (TidemarkException e) {
                add(SinkKeys.URL, String.valueOf(e.getMessage()));
            }
        }

        /** Versions of two topics say nothing about each other. */
        private void topics(Map<String, String> given, TargetStore target, SinkSettings settings) {
            boolean several = topics(given).size() > 1 || given.containsKey("topics.regex");
            if (several && settings.input() == Input.DOCUMENTS) {
                add(
                        SinkKeys.INPUT,
                        "'documents' is of one topic: name it in topics, and give others connectors of their own");
            } else if (several && !target.name().contains(TargetName.TOPIC)) {
                add(
                        target.nameKey(),
                        "'" + target.name() + "' is one target for several topics, which would overwrite each other's"
                                + " documents: write " + TargetName.TOPIC + " in it");
            }
            if (several && !settings.readModel().isEmpty()) {
                add(SinkKeys.READ_MODEL, "is one name for several topics: leave it out, and each has its own");
            }
        }

        private static List<String> topics(Map<String, String> given) {
            return Arrays.stream(given.getOrDefault("topics", "").split(","))
                    .map(String::strip)
                    .filter(topic -> !topic.isEmpty())
                    .distinct()
                    .toList();
        }

        /** A writer that is not opened knows already whether it could be. */
        private void target(TargetStore target, SinkSettings settings) {
            Set<String> names = target.keyNames("topic");
            Set<String> fields = Set.copyOf(settings.keyFields());
            if (!names.isEmpty() && !fields.isEmpty() && !names.equals(fields)) {
                add(SinkKeys.PRIMARY_KEY_FIELDS, "names " + fields + ", and " + target.name() + " names " + names);
            }
            var content = new TargetStore.Content("topic", new Generation("model", 1, ""), 1);
            try {
                target.writer(content).close();
            } catch (TidemarkException e) {
                add(target.targetKey(), String.valueOf(e.getMessage()));
            }
        }

        /** The topics as they are; empty where that is not known. */
        private Map<String, Brokers.Described> kafka(Map<String, String> given, SinkSettings settings) {
            List<String> topics = topics(given);
            if (settings.kafka().isEmpty() || topics.isEmpty()) {
                return Map.of();
            }
            try {
                return new KafkaTopics(settings.kafka()).describe(topics);
            } catch (TidemarkException e) {
                // A topic of records may come later, as a source connector's do.
                if (settings.input() == Input.DOCUMENTS || e.code() != ErrorCode.CONFIGURATION) {
                    add(SinkKeys.BOOTSTRAP, String.valueOf(e.getMessage()));
                }
                return Map.of();
            }
        }

        private void add(String key, String problem) {
            Map<String, ConfigValue> values = new HashMap<>();
            config.configValues().forEach(value -> values.put(value.name(), value));
            Objects.requireNonNull(values.get(key)).addErrorMessage(problem);
        }
    }
}
