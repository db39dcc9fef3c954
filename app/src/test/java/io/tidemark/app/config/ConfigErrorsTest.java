package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigErrorsTest {

    @Test
    void all_problems_are_reported_together_in_the_order_of_the_file() {
        String text = """
                source:
                  url: "jdbc:postgresql://localhost/shop"
                  usr: me
                  tables: [public.*]
                kafka: {bootstrap.servers: a, partitions: x}
                stores:
                  search: {elasticsearch: {url: "http://h"}}
                read-models:
                  order-search:
                    document: public.orders
                    feilds: [id]
                    to: {search: orders}
                """;
        assertThatThrownBy(() -> Parsing.parse(text))
                .hasMessage("""
                        tidemark.yml:1:1: missing key 'user' in source
                        tidemark.yml:3:3: unknown key 'usr' in source; did you mean 'user'?
                        tidemark.yml:5:43: kafka.partitions: expected a whole number from 1 to 1000, found 'x'
                        tidemark.yml:11:5: unknown key 'feilds' in read-models.order-search; did you mean 'fields'?""")
                .asInstanceOf(InstanceOfAssertFactories.type(TidemarkException.class))
                .extracting(TidemarkException::code)
                .isEqualTo(ErrorCode.CONFIGURATION);
    }

    @Test
    void a_duplicate_key_names_both_lines() {
        assertThatThrownBy(() -> Parsing.parse(Parsing.SHORT + "stores: {}\nstores: {}\n"))
                .hasMessage("tidemark.yml:4:1: duplicate key 'stores' in the top level; the first is on line 3");
    }

    @Test
    void text_that_is_no_yaml_has_its_place_and_a_hint_for_bare_references() {
        assertThatThrownBy(() -> Parsing.parse("source: {url: ${URL}, user: x}\n"))
                .hasMessageStartingWith("tidemark.yml:1:")
                .hasMessageContaining("not YAML: ")
                .hasMessageEndingWith("; put values that hold ${...} in double quotes");
        assertThatThrownBy(() -> Parsing.parse("a: [b\n")).hasMessageContaining("not YAML: ");
        assertThatThrownBy(() -> Parsing.parse(""))
                .hasMessage("tidemark.yml:1:1: expected a mapping with source and kafka, found nothing");
        assertThatThrownBy(() -> Parsing.parse("- a\n")).hasMessageEndingWith("found a list");
    }

    @Test
    void a_collection_that_contains_itself_is_refused() {
        String model = "m: {document: a.b, one: &x {c: {table: a.c, one: *x}}, to: {search: i}}";
        assertThatThrownBy(() -> Parsing.parse(Parsing.withModels(model)))
                .hasMessageContaining("an alias refers to the collection it is part of");
    }

    @Test
    void variables_are_substituted_in_scalars_of_any_type() {
        String text = """
                source: {url: "jdbc:postgresql://${HOST}:${PORT}/shop", user: "$${x}", tables: ["${SCHEMA}.*"]}
                kafka: {bootstrap.servers: a, partitions: "${N}"}
                """;
        TidemarkConfig config = Parsing.parse(text, Map.of("HOST", "db", "PORT", "1", "SCHEMA", "public", "N", "3"));
        assertThat(config.source().url().value()).isEqualTo("jdbc:postgresql://db:1/shop");
        assertThat(config.source().user()).isEqualTo("${x}");
        assertThat(config.source().tables().get(0).text()).isEqualTo("public.*");
        assertThat(config.kafka().partitions()).isEqualTo(3);
    }

    @Test
    void a_variable_that_is_not_set_is_named_with_its_place_and_reported_once() {
        String text = Parsing.SHORT.replace("jdbc:postgresql://localhost:5432/shop", "${NO_URL}");
        assertThatThrownBy(() -> Parsing.parse(text))
                .hasMessage("tidemark.yml:1:15: environment variable 'NO_URL' is not set");
        assertThatThrownBy(() -> Parsing.parse(Parsing.SHORT.replace("user: tidemark", "user: '${a-b}'")))
                .hasMessageContaining("'${a-b}' is neither ${NAME} nor ${file:path}");
        assertThatThrownBy(() -> Parsing.parse(Parsing.SHORT.replace("user: tidemark", "user: '${A'")))
                .hasMessageContaining("lacks its closing brace");
    }

    @Test
    void files_are_substituted_from_the_directory_of_the_configuration(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("password.txt"), "geheim\n");
        Path file = directory.resolve("tidemark.yml");
        Files.writeString(file, Parsing.SHORT.replace("user:", "password: \"${file:password.txt}\", user:"));
        assertThat(TidemarkConfig.load(file).source().password().reveal()).isEqualTo("geheim");
        Files.writeString(file, Parsing.SHORT.replace("user:", "password: \"${file:gone.txt}\", user:"));
        assertThatThrownBy(() -> TidemarkConfig.load(file))
                .hasMessage(file + ":1:66: file 'gone.txt' cannot be read (NoSuchFileException)");
    }

    @Test
    void a_missing_file_is_said() {
        assertThatThrownBy(() -> TidemarkConfig.load(Path.of("no-such.yml")))
                .hasMessage("There is no file no-such.yml; name the configuration with -c FILE");
    }

    @Test
    void errors_never_show_a_secret() {
        String text = Parsing.SHORT
                .replace("user:", "password: {canary: canary}, user:")
                .replace("localhost:9092\"", "a\", partitions: \"${P}\"");
        assertThatThrownBy(() -> Parsing.parse(text, Map.of("P", "canary")))
                .hasMessageContaining("source.password: expected text, found a mapping")
                .hasMessageContaining("found '${P}'")
                .hasMessageNotContaining("canary");
    }

    @Test
    void suggestions_are_near_or_not_made() {
        assertThat(Suggestion.distance("feilds", "fields")).isEqualTo(1);
        assertThat(Suggestion.distance("", "abc")).isEqualTo(3);
        assertThat(Suggestion.distance("kitten", "sitting")).isEqualTo(3);
        assertThat(Suggestion.of("zzzzzz", java.util.List.of("fields", "one"))).isEmpty();
        assertThat(Suggestion.of("by", java.util.List.of("to"))).isEmpty();
    }
}
