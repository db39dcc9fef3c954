package io.tidemark.connect.sink;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.types.Password;

/**
 * What all sinks are told.
 *
 * @param connector its name
 * @param group the consumer group that keeps the connector's place
 * @param readModel empty for the topic's
 * @param keyFields names of the fields of the key; empty for all, in their order
 * @param keyTypes types of PostgreSQL, of those of which they are said
 * @param keysStay whether somebody says that all records of a document are in one partition
 * @param keyTransforms names of the transforms that may give records other keys than they have in their topic
 * @param kafka properties of clients, to reach the worker's brokers; empty when they are not given
 */
record SinkSettings(
        String connector,
        String group,
        Input input,
        boolean readCommitted,
        String readModel,
        boolean keyInValue,
        List<String> keyFields,
        Map<String, String> keyTypes,
        boolean keysStay,
        Unwanted onNull,
        Unwanted onMalformed,
        Unwanted onTruncate,
        String placeholder,
        int batchSize,
        int maxRetries,
        long backoffMs,
        List<String> keyTransforms,
        Map<String, Object> kafka) {

    static SinkSettings of(AbstractConfig config) {
        Map<String, String> originals = config.originalsStrings();
        String connector = originals.getOrDefault("name", "");
        return new SinkSettings(
                connector,
                originals.getOrDefault("consumer.override.group.id", "connect-" + connector),
                Input.of(config.getString(SinkKeys.INPUT)),
                config.getString(SinkKeys.ISOLATION).equals(SinkKeys.READ_COMMITTED),
                config.getString(SinkKeys.READ_MODEL),
                config.getString(SinkKeys.PRIMARY_KEY_MODE).equals(SinkKeys.RECORD_VALUE),
                keyFields(config).map(KeyField::name).toList(),
                keyFields(config)
                        .filter(field -> !field.type().isEmpty())
                        .collect(Collectors.toMap(KeyField::name, KeyField::type, (one, other) -> other)),
                config.getBoolean(SinkKeys.ONE_PARTITION),
                Unwanted.of(config.getString(SinkKeys.ON_NULL)),
                Unwanted.of(config.getString(SinkKeys.ON_MALFORMED)),
                Unwanted.of(config.getString(SinkKeys.ON_TRUNCATE)),
                config.getString(SinkKeys.PLACEHOLDER),
                config.getInt(SinkKeys.BATCH),
                config.getInt(SinkKeys.MAX_RETRIES),
                config.getLong(SinkKeys.BACKOFF),
                new Transforms(originals).thatMayChangeKeys(),
                kafka(config));
    }

    private static Stream<KeyField> keyFields(AbstractConfig config) {
        return config.getList(SinkKeys.PRIMARY_KEY_FIELDS).stream().map(KeyField::parse);
    }

    private static Map<String, Object> kafka(AbstractConfig config) {
        Map<String, Object> client = new LinkedHashMap<>();
        String bootstrap = config.getString(SinkKeys.BOOTSTRAP);
        if (bootstrap.isEmpty()) {
            return Map.of();
        }
        client.put("bootstrap.servers", bootstrap);
        SinkKeys.KAFKA_CLIENT.keySet().forEach(name -> {
            Object value = config.values().get(SinkKeys.KAFKA + name);
            if (value instanceof Password password) {
                client.put(name, password.value());
            } else if (value instanceof String text && !text.isEmpty()) {
                client.put(name, text);
            }
        });
        return Map.copyOf(client);
    }
}
