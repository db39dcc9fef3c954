package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReconcileConfigTest {

    private static ReconcileConfig reconcile(String section) {
        return Parsing.parse(Parsing.SHORT + "reconcile: " + section + "\n")
                .reconcile()
                .orElseThrow();
    }

    @Test
    void nothing_is_compared_unless_the_file_asks_for_it() {
        assertThat(Parsing.parse(Parsing.SHORT).reconcile()).isEmpty();
    }

    @Test
    void every_key_and_every_default() {
        assertThat(reconcile("{}")).isEqualTo(new ReconcileConfig(Duration.ofDays(1), false));
        assertThat(reconcile("{every: 6h, repair: true}")).isEqualTo(new ReconcileConfig(Duration.ofHours(6), true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{every: 0s}    | 3:20: reconcile.every: expected a duration such as 7d, 12h, 30m or 90s, found '0s'",
                "{repair: maybe} | 3:21: reconcile.repair: expected true or false",
                "{evry: 1h}     | 3:13: unknown key 'evry' in reconcile; did you mean 'every'?",
            })
    void what_is_wrong_says_where_and_what_was_expected(String section, String message) {
        assertThatThrownBy(() -> reconcile(section)).hasMessageContaining("tidemark.yml:" + message);
    }
}
