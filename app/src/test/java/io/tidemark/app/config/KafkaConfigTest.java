package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaConfigTest {

    private static KafkaConfig kafka(String section) {
        return Parsing.parse(Parsing.SHORT.replace("{bootstrap.servers: \"localhost:9092\"}", section))
                .kafka();
    }

    @Test
    void every_default() {
        KafkaConfig kafka = Parsing.parse(Parsing.SHORT).kafka();
        assertThat(kafka.prefix()).isEqualTo("shop");
        assertThat(kafka.partitions()).isEqualTo(6);
        assertThat(kafka.history()).isEqualTo(Duration.ofDays(7));
        assertThat(kafka.standbys()).isZero();
        assertThat(kafka.clientProperties()).isEmpty();
    }

    @Test
    void every_key() {
        KafkaConfig kafka = kafka(
                "{bootstrap.servers: 'a:1,b:2', prefix: p, partitions: 12, history: 30m, standbys: 2, security.protocol: SASL_SSL,"
                        + " sasl.jaas.config: canary}");
        assertThat(kafka.bootstrapServers()).isEqualTo("a:1,b:2");
        assertThat(kafka.prefix()).isEqualTo("p");
        assertThat(kafka.partitions()).isEqualTo(12);
        assertThat(kafka.history()).isEqualTo(Duration.ofMinutes(30));
        assertThat(kafka.standbys()).isEqualTo(2);
        assertThat(kafka.revealClientProperties())
                .containsExactly(
                        entry("bootstrap.servers", "a:1,b:2"),
                        entry("security.protocol", "SASL_SSL"),
                        entry("sasl.jaas.config", "canary"));
        assertThat(kafka.toString()).doesNotContain("canary");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jdbc:postgresql://h:1/my_db?x=/y     | my_db",
                "jdbc:postgresql:my_db                | my_db",
                "jdbc:postgresql://h/                 | tidemark",
                "jdbc:postgresql://h                  | tidemark",
                "jdbc:postgresql:/                    | tidemark",
                "jdbc:postgresql:///my%5Fdb           | my_db",
            })
    void the_default_prefix_is_the_database_of_the_url(String url, String prefix) {
        String text = Parsing.SHORT.replace("jdbc:postgresql://localhost:5432/shop", url);
        assertThat(Parsing.parse(text).kafka().prefix()).isEqualTo(prefix);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{bootstrap.servers: a, partitions: 0}    | kafka.partitions: expected a whole number from 1 to 1000, found '0'",
                "{bootstrap.servers: a, partitions: many} | kafka.partitions: expected a whole number from 1 to 1000, found 'many'",
                "{bootstrap.servers: a, partitions: [1]}  | kafka.partitions: expected a whole number from 1 to 1000, found a list",
                "{bootstrap.servers: a, history: 7 days}  | kafka.history: expected a duration such as 7d, 12h, 30m or 90s, found '7 days'",
                "{bootstrap.servers: a, history: 0d}      | kafka.history: expected a duration such as 7d, 12h, 30m or 90s, found '0d'",
                "{bootstrap.servers: a, prefix: a.b}      | kafka.prefix: 'a.b' may hold letters, digits, '_' and '-' only, at most 100",
                "{bootstrap.server: a}                    | unknown key 'bootstrap.server' in kafka; did you mean 'bootstrap.servers'?",
                "{bootstrap.servers: a, replicas: 3}      | unknown key 'replicas' in kafka",
                "{bootstrap.servers: a, securty.protocol: x} | unknown key 'securty.protocol' in kafka; did you mean 'security.protocol'?",
                "{bootstrap.servers: a, isolation.level: x} | kafka: 'isolation.level' is set by Tidemark itself; remove it",
                "{bootstrap.servers: }                    | kafka.bootstrap.servers: expected text, found nothing",
            })
    void what_is_wrong_says_what_was_expected_and_found(String section, String message) {
        assertThatThrownBy(() -> kafka(section)).hasMessageContaining(message);
    }
}
