package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.capture.SlotBudget;
import io.tidemark.model.ColumnRule;
import io.tidemark.model.TableId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceConfigTest {

    @Test
    void every_default() {
        SourceConfig source = Parsing.parse(Parsing.SHORT).source();
        assertThat(source.password().reveal()).isEmpty();
        assertThat(source.slot()).isEqualTo("tidemark_shop");
        assertThat(source.publication()).isEqualTo("tidemark_shop");
        assertThat(source.retainedWal()).isEqualTo(new SlotBudget(5L << 30, 50L << 30));
    }

    @Test
    void every_key() {
        SourceConfig source = Parsing.parse("""
                        source:
                          url: jdbc:postgresql://db/shop?ssl=true
                          user: reader
                          password: 12345
                          tables: [public.orders, "audit.log_*"]
                          slot: my_slot
                          publication: my_publication
                          retained-wal: {warn: 512MB, limit: 1TB}
                        kafka: {bootstrap.servers: a}
                        """).source();
        assertThat(source.url().value()).isEqualTo("jdbc:postgresql://db/shop?ssl=true");
        assertThat(source.user()).isEqualTo("reader");
        assertThat(source.password().reveal()).isEqualTo("12345");
        assertThat(source.tables()).extracting(TablePattern::text).containsExactly("public.orders", "audit.log_*");
        assertThat(source.slot()).isEqualTo("my_slot");
        assertThat(source.publication()).isEqualTo("my_publication");
        assertThat(source.retainedWal()).isEqualTo(new SlotBudget(512L << 20, 1L << 40));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{warn: 5}                 | source.retained-wal.warn: expected a size such as 512MB, 5GB or 1TB, found '5'",
                "{limit: 0GB}              | source.retained-wal.limit: expected a size such as 512MB, 5GB or 1TB, found '0GB'",
                "{warn: 2GB, limit: 1GB}   | source.retained-wal: warn is more than limit",
                "{max: 1GB}                | unknown key 'max' in source.retained-wal",
                "5GB                       | source.retained-wal: expected a mapping",
            })
    void a_budget_that_is_none_says_what_was_expected(String budget, String message) {
        String text = Parsing.SHORT.replace("user:", "retained-wal: " + budget + ", user:");
        assertThatThrownBy(() -> Parsing.parse(text)).hasMessageContaining(message);
    }

    @Test
    void one_bound_alone_moves_the_other_out_of_its_way() {
        assertThat(budget("{limit: 1GB}")).isEqualTo(new SlotBudget(1L << 30, 1L << 30));
        assertThat(budget("{warn: 60GB}")).isEqualTo(new SlotBudget(60L << 30, 60L << 30));
    }

    private static SlotBudget budget(String text) {
        return Parsing.parse(Parsing.SHORT.replace("user:", "retained-wal: " + text + ", user:"))
                .source()
                .retainedWal();
    }

    @Test
    void patterns_match_whole_names_and_take_other_characters_literally() {
        SourceConfig source =
                Parsing.parse(Parsing.SHORT.replace("public.*", "'pub.a[*'")).source();
        assertThat(source.captures(new TableId("pub", "a[b"))).isTrue();
        assertThat(source.captures(new TableId("pub", "a["))).isTrue();
        assertThat(source.captures(new TableId("pub", "ab"))).isFalse();
        assertThat(source.captures(new TableId("public", "a[b"))).isFalse();
    }

    @Test
    void the_default_slot_fits_postgres_rule_whatever_the_prefix() {
        String text = Parsing.SHORT.replace("{bootstrap", "{prefix: My-Shop, bootstrap");
        assertThat(Parsing.parse(text).source().slot()).isEqualTo("tidemark_my_shop");
    }

    @Test
    void slot_names_that_postgres_would_refuse_are_errors() {
        assertThatThrownBy(() -> Parsing.parse(Parsing.SHORT.replace("user:", "slot: My-Slot, user:")))
                .hasMessageStartingWith("tidemark.yml:1:")
                .hasMessageContaining("source.slot: 'My-Slot' may hold lower-case letters");
    }

    @Test
    void columns_are_dropped_masked_or_hashed() {
        SourceConfig source = Parsing.parse(Parsing.SHORT.replace(
                        "user:", "columns: {a.b.c: drop, a.b.d: mask, x.y.z: {hash: canary-of-sixteen}}, user:"))
                .source();
        assertThat(source.rules().of(new TableId("a", "b")))
                .isEqualTo(Map.of("c", new ColumnRule.Drop(), "d", new ColumnRule.Mask()));
        assertThat(source.rules().of(new TableId("x", "y")).get("z"))
                .isInstanceOfSatisfying(
                        ColumnRule.Hash.class,
                        hash -> assertThat(hash.key().reveal()).isEqualTo("canary-of-sixteen"));
        assertThat(source.toString()).doesNotContain("canary");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a.b: drop | 'a.b' is not of the form schema.table.column",
                "a.b.c: canary | source.columns.a.b.c: expected drop, mask or {hash: KEY}",
                "a.b.c: {hash: canary} | source.columns.a.b.c: the key of hash needs at least 16 characters",
                "a.b.c: {hsh: canary} | unknown key 'hsh' in source.columns.a.b.c; did you mean 'hash'?",
            })
    void rules_that_are_none_are_errors_that_do_not_show_a_key(String rule, String said) {
        assertThatThrownBy(() -> Parsing.parse(Parsing.SHORT.replace("user:", "columns: {" + rule + "}, user:")))
                .hasMessageStartingWith("tidemark.yml:1:")
                .hasMessageContaining(said)
                .hasMessageNotContaining("canary");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgres://db/shop                                  | expected a JDBC URL such as",
                "jdbc:postgresql://a,b/shop?targetServerType=primary | several hosts are named, and capture reads from one",
                "jdbc:postgresql://a:1,[::1]:2/shop                  | several hosts are named, and capture reads from one",
                "jdbc:postgresql://::1/shop                          | an IPv6 address is not supported; give a host name",
                "jdbc:postgresql://[fd00::2]:5432/shop               | an IPv6 address is not supported; give a host name",
                "jdbc:postgresql://db:port/shop                      | expected a JDBC URL such as",
                "jdbc:postgresql://%2Fvar%2Frun/shop                 | Unix sockets are not supported",
                "jdbc:postgresql:////var/run/shop                    | Unix sockets are not supported",
                "jdbc:postgresql://h/shop?socketFactory=a.B          | Unix sockets are not supported",
                "jdbc:postgresql://u:canary@db/shop                  | name user and password in source.user",
            })
    void an_address_that_capture_cannot_read_from_is_refused_with_its_place(String url, String said) {
        assertThatThrownBy(() ->
                        Parsing.parse("source: {url: '" + url + "', user: u, tables: [a.b], slot: s, publication: p}\n"
                                + "kafka: {bootstrap.servers: a, prefix: p}"))
                .hasMessageStartingWith("tidemark.yml:1:15: source.url: " + said)
                .hasMessageNotContaining("canary");
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db-1.example.com:5432/shop",
        "jdbc:postgresql://10.0.0.1/shop",
        "jdbc:postgresql:///shop",
        "jdbc:postgresql:shop",
    })
    void one_host_is_an_address(String url) {
        assertThat(Parsing.parse(Parsing.SHORT.replaceAll("url: [^,]+", "url: '" + url + "'"))
                        .source()
                        .url()
                        .value())
                .isEqualTo(url);
    }

    @Test
    void the_text_of_a_source_hides_its_secrets() {
        SourceConfig source = Parsing.parse("""
                        source: {url: "jdbc:postgresql://db/shop?sslpassword=canary2&a=b", user: u, \
                        password: canary3, tables: [a.b]}
                        kafka: {bootstrap.servers: a}
                        """).source();
        assertThat(source.toString()).doesNotContain("canary").contains("***").contains("a=b");
    }
}
