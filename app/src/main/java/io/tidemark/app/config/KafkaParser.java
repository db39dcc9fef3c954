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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Parses {@code kafka}. */
final class KafkaParser {

    private static final String BOOTSTRAP = "bootstrap.servers";
    private static final List<String> KEYS = List.of(BOOTSTRAP, "prefix", "partitions", "history");

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
    private static final Duration DEFAULT_HISTORY = Duration.ofDays(7);
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})([smhd])");

    private final Section section;

    KafkaParser(Section section) {
        this.section = section;
    }

    KafkaConfig parse(SourceParser source) {
        return new KafkaConfig(
                section.text(BOOTSTRAP).text(),
                prefix(source),
                section.optionalInt("partitions", 1, MAX_PARTITIONS).orElse(DEFAULT_PARTITIONS),
                history(),
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

    private Duration history() {
        Optional<Mention> given = section.optionalText("history");
        if (given.isEmpty() || given.get().text().isEmpty()) {
            return DEFAULT_HISTORY;
        }
        Duration history = duration(given.get().text());
        if (history.isZero()) {
            section.problemWith(
                    given.get(),
                    "history",
                    "expected a duration such as 7d, 12h, 30m or 90s, found '"
                            + given.get().text() + "'");
        }
        return history;
    }

    private static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Duration.ZERO;
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2).charAt(0)) {
            case 's' -> Duration.ofSeconds(amount);
            case 'm' -> Duration.ofMinutes(amount);
            case 'h' -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
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
