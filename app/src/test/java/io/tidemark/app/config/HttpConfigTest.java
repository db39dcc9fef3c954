package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpConfigTest {

    private static HttpConfig http(String section) {
        return Parsing.parse(Parsing.SHORT + "http: " + section + "\n").http().orElseThrow();
    }

    @Test
    void there_is_none_unless_the_file_asks_for_it() {
        assertThat(Parsing.parse(Parsing.SHORT).http()).isEmpty();
    }

    @Test
    void every_default_is_loopback() {
        assertThat(http("{}")).isEqualTo(new HttpConfig("127.0.0.1", 8085, Duration.ofMinutes(1)));
    }

    @Test
    void every_key() {
        assertThat(http("{listen: '0.0.0.0:9000', unhealthy-after: 90s}"))
                .isEqualTo(new HttpConfig("0.0.0.0", 9000, Duration.ofSeconds(90)));
        assertThat(http("{listen: '[::1]:0'}").host()).isEqualTo("::1");
        assertThat(http("{listen: 'tidemark-1.example:65535'}"))
                .isEqualTo(new HttpConfig("tidemark-1.example", 65535, Duration.ofMinutes(1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{listen: 8085}            | 3:16: http.listen: expected an address such as 127.0.0.1:8085 or [::1]:8085, found '8085'",
                "{listen: 'localhost:'}    | 3:16: http.listen: expected an address such as 127.0.0.1:8085 or [::1]:8085, found 'localhost:'",
                "{listen: '::1:8085'}      | 3:16: http.listen: expected an address such as",
                "{listen: 'h:65536'}       | 3:16: http.listen: expected an address such as",
                "{listen: 'http://h:80'}   | 3:16: http.listen: expected an address such as",
                "{unhealthy-after: 0s}     | 3:25: http.unhealthy-after: expected a duration such as 7d, 12h, 30m or 90s, found '0s'",
                "{unhealthy-after: [1s]}   | 3:25: http.unhealthy-after: expected text, found a list",
                "{lisen: 'h:1'}            | 3:8: unknown key 'lisen' in http; did you mean 'listen'?",
                "8085                      | 3:7: http: expected a mapping, found '8085'",
            })
    void what_is_wrong_says_where_and_what_was_expected(String section, String message) {
        assertThatThrownBy(() -> http(section)).hasMessageContaining("tidemark.yml:" + message);
    }
}
