package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.config.StoreConfig.Credentials;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreConfigTest {

    private static StoreConfig store(String store) {
        return Parsing.parse(Parsing.SHORT + "stores: {s: " + store + "}\n").store("s");
    }

    @Test
    void an_authority_of_ones_own_is_a_file() {
        assertThat(((StoreConfig.Elasticsearch) store("{elasticsearch: {url: 'https://h', ca: /etc/ca.pem}}"))
                        .authority())
                .contains(Path.of("/etc/ca.pem"));
        assertThat(((StoreConfig.Redis) store("{redis: {url: 'rediss://h', ca: /etc/ca.pem}}")).authority())
                .contains(Path.of("/etc/ca.pem"));
        assertThat(((StoreConfig.Redis) store("{redis: {url: 'rediss://h'}}")).authority())
                .isEmpty();
    }

    @Test
    void every_default() {
        assertThat(Parsing.parse(Parsing.SHORT).stores()).isEmpty();
        assertThat(((StoreConfig.Elasticsearch) store("{elasticsearch: {url: 'http://h'}}")).credentials())
                .isEqualTo(new Credentials.None());
        StoreConfig.Sql sql = (StoreConfig.Sql) store("{sql: {url: 'jdbc:postgresql:d'}}");
        assertThat(sql.user()).isEmpty();
        assertThat(sql.password().reveal()).isEmpty();
    }

    @Test
    void every_key() {
        assertThat(store("{elasticsearch: {url: 'https://h', api-key: k}}"))
                .satisfies(store -> assertThat(((Credentials.ApiKey) ((StoreConfig.Elasticsearch) store).credentials())
                                .key()
                                .reveal())
                        .isEqualTo("k"));
        Credentials user = ((StoreConfig.Elasticsearch)
                        store("{elasticsearch: {url: 'https://h', user: u, password: p}}"))
                .credentials();
        assertThat(((Credentials.UserPassword) user).user()).isEqualTo("u");
        assertThat(((Credentials.UserPassword) user).password().reveal()).isEqualTo("p");
        assertThat(store("{redis: {url: 'rediss://h'}}").url().value()).isEqualTo("rediss://h");
        StoreConfig.Sql sql = (StoreConfig.Sql) store("{sql: {url: 'jdbc:postgresql:d', user: u, password: p}}");
        assertThat(sql.user()).contains("u");
        assertThat(sql.password().reveal()).isEqualTo("p");
        assertThat(sql.kind()).isEqualTo("sql");
    }

    @Test
    void the_text_of_a_store_hides_its_secrets() {
        assertThat(store("{redis: {url: 'redis://:canary@h:1/0'}}").toString())
                .isEqualTo("Redis[name=s, url=redis://***@h:1/0, authority=Optional.empty]");
        assertThat(store("{elasticsearch: {url: 'http://u:canary@h', api-key: canary}}")
                        .toString())
                .doesNotContain("canary");
        assertThat(store("{sql: {url: 'jdbc:postgresql://h/d?password=canary', password: canary}}")
                        .toString())
                .doesNotContain("canary");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                        | stores.s: expected exactly one of elasticsearch, redis and sql, found none",
                "{redis: {url: 'redis://h'}, sql: {url: 'jdbc:postgresql:d'}} | found redis and sql",
                "{elastcsearch: {url: 'http://h'}}         | unknown key 'elastcsearch' in stores.s; did you mean 'elasticsearch'?",
                "{redis: {url: 'http://h'}}                | stores.s.redis.url: expected a URL such as redis://localhost:6379",
                "{redis: {}}                               | missing key 'url' in stores.s.redis",
                "{redis: {url: 'redis://h', user: u}}      | unknown key 'user' in stores.s.redis",
                "{elasticsearch: {url: 'http://h', ca: a.pem}} | it is of no use without TLS: the url does not begin with https://",
                "{redis: {url: 'redis://h', ca: a.pem}}    | it is of no use without TLS: the url does not begin with rediss://",
                "{elasticsearch: {url: 'http://h', user: u}} | user and password go together",
                "{elasticsearch: {url: 'http://h', user: u, password: p, api-key: k}} | found both",
            })
    void what_is_wrong_is_said(String store, String message) {
        assertThatThrownBy(() -> store(store)).hasMessageContaining(message);
    }
}
