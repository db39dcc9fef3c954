package io.tidemark.app.config;

import io.tidemark.model.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Parses {@code kafka}. */
final class KafkaParser {

    private static final String BOOTSTRAP = "bootstrap.servers";
    private static final List<String> KEYS = List.of(BOOTSTRAP, "prefix", "partitions", "history", "standbys");

    /** What the promises rest on, so that no file can change it. */
    private static final Set<String> OURS = Set.of(
            "auto.offset.reset",
            "client.id",
            "enable.auto.commit",
            "enable.idempotence",
            "group.id",
            "group.instance.id",
            "group.protocol",
            "isolation.level",
            "key.deserializer",
            "key.serializer",
            "max.in.flight.requests.per.connection",
            "partition.assignment.strategy",
            "partitioner.class",
            "transaction.timeout.ms",
            "transactional.id",
            "value.deserializer",
            "value.serializer");

    private static final int DEFAULT_PARTITIONS = 6;
    private static final int MAX_PARTITIONS = 1000;
    private static final int MAX_STANDBYS = 10;
    private static final Duration DEFAULT_HISTORY = Duration.ofDays(7);

    private final Section section;

    KafkaParser(Section section) {
        this.section = section;
    }

    KafkaConfig parse(SourceParser source) {
        return new KafkaConfig(
                section.text(BOOTSTRAP).text(),
                prefix(source),
                section.optionalInt("partitions", 1, MAX_PARTITIONS).orElse(DEFAULT_PARTITIONS),
                section.optionalDuration("history").orElse(DEFAULT_HISTORY),
                section.optionalInt("standbys", 0, MAX_STANDBYS).orElse(0),
                clientProperties());
    }

    private String prefix(SourceParser source) {
        Optional<Mention> given = section.optionalText("prefix");
        if (given.isPresent()) {
            Mention prefix = given.get();
            if (!prefix.text().isEmpty() && !Names.isPrefix(prefix.text())) {
                section.problemWith(
                        prefix,
                        "prefix",
                        "'" + prefix.text() + "' may hold letters, digits, '_' and '-' only, at most 100");
            }
            return prefix.text();
        }
        String database = source.database();
        if (!database.isEmpty() && !Names.isPrefix(database)) {
            section.problem(
                    source.urlPlace(), "the database's name '" + database + "' cannot be a prefix; set kafka.prefix");
        }
        return database;
    }

    /** Properties of Kafka's clients have a dot in their names; a key without one is a mistyped key of ours. */
    private Map<String, Secret> clientProperties() {
        Map<String, Secret> properties = new LinkedHashMap<>();
        Set<String> known = knownProperties();
        for (Mention key : section.keys()) {
            if (KEYS.contains(key.text())) {
                continue;
            }
            if (OURS.contains(key.text())) {
                section.problem(key.place(), "'" + key.text() + "' is set by Tidemark itself; remove it");
            } else if (known.contains(key.text())) {
                section.secret(key.text()).ifPresent(value -> properties.put(key.text(), value));
            } else {
                section.unknown(key, candidates(known));
            }
        }
        return properties;
    }

    private static Set<String> knownProperties() {
        Set<String> known = new TreeSet<>(ProducerConfig.configNames());
        known.addAll(ConsumerConfig.configNames());
        known.addAll(AdminClientConfig.configNames());
        known.removeIf(name -> name.indexOf('.') < 0);
        return known;
    }

    private static List<String> candidates(Set<String> known) {
        List<String> candidates = new ArrayList<>(KEYS);
        known.stream().filter(name -> !OURS.contains(name)).forEach(candidates::add);
        return candidates;
    }
}
