package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.TableId;
import org.junit.jupiter.api.Test;

class SourceConfigTest {

    @Test
    void every_default() {
        SourceConfig source = Parsing.parse(Parsing.SHORT).source();
        assertThat(source.password().reveal()).isEmpty();
        assertThat(source.slot()).isEqualTo("tidemark_shop");
        assertThat(source.publication()).isEqualTo("tidemark_shop");
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
                        kafka: {bootstrap.servers: a}
                        """).source();
        assertThat(source.url().value()).isEqualTo("jdbc:postgresql://db/shop?ssl=true");
        assertThat(source.user()).isEqualTo("reader");
        assertThat(source.password().reveal()).isEqualTo("12345");
        assertThat(source.tables()).extracting(TablePattern::text).containsExactly("public.orders", "audit.log_*");
        assertThat(source.slot()).isEqualTo("my_slot");
        assertThat(source.publication()).isEqualTo("my_publication");
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
    void the_text_of_a_source_hides_its_secrets() {
        SourceConfig source = Parsing.parse("""
                        source: {url: "jdbc:postgresql://u:canary1@db/shop?sslpassword=canary2&a=b", user: u, \
                        password: canary3, tables: [a.b]}
                        kafka: {bootstrap.servers: a}
                        """).source();
        assertThat(source.toString()).doesNotContain("canary").contains("***").contains("a=b");
    }
}
