package io.tidemark.stores.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexAdditionsTest {

    private static ObjectNode definition(String settings, String mapping) {
        IndexAdditions additions = new IndexAdditions(Json.parseObject(settings), Json.parseObject(mapping));
        return PhysicalIndex.definition(
                Map.of("total", "double", "lines.price", "double", "lines.no", "long"), additions);
    }

    @Test
    void settings_replace_what_is_derived_however_they_are_written() {
        ObjectNode settings = (ObjectNode) definition(
                        "{\"number_of_shards\": 3, \"index\": {\"number_of_replicas\": 2},"
                                + " \"analysis\": {\"analyzer\": {\"a\": {\"type\": \"standard\"}}}}",
                        "{}")
                .get("settings");
        assertThat(settings)
                .isEqualTo(Json.parse("{\"index.number_of_shards\": 3, \"index.number_of_replicas\": 2,"
                        + " \"index.gc_deletes\": \"1h\", \"index.analysis.analyzer.a.type\": \"standard\"}"));
    }

    @Test
    void fields_are_merged_and_the_users_type_replaces_the_derived_one() {
        ObjectNode fields = (ObjectNode) definition("{}", """
                {"properties": {"total": {"type": "scaled_float", "scaling_factor": 100},
                                "lines": {"type": "nested", "properties": {"price": {"type": "keyword"}}},
                                "lines.sku": {"type": "keyword"},
                                "customer.name": {"type": "text", "fields": {"raw": {"type": "keyword"}}}}}
                """).at("/mappings/properties");
        assertThat(fields.get("total")).isEqualTo(Json.parse("{\"type\": \"scaled_float\", \"scaling_factor\": 100}"));
        assertThat(fields.at("/lines/type").asText()).isEqualTo("nested");
        assertThat(fields.at("/lines/properties"))
                .isEqualTo(
                        Json.parse(
                                "{\"price\": {\"type\": \"keyword\"},"
                                        + " \"no\": {\"type\": \"long\", \"ignore_malformed\": true}, \"sku\": {\"type\": \"keyword\"}}"));
        assertThat(fields.at("/customer/properties/name/fields/raw/type").asText())
                .isEqualTo("keyword");
        assertThat(fields.at("/_tidemark/type").asText()).isEqualTo("long");
    }

    @Test
    void the_users_templates_come_before_the_derived_ones_and_other_keys_replace_theirs() {
        ObjectNode definition = definition(
                "{}", "{\"dynamic\": false, \"date_detection\": true, \"dynamic_templates\": [{\"mine\": {}}]}");
        assertThat(definition.at("/mappings/dynamic_templates")).hasSize(3);
        assertThat(definition.at("/mappings/dynamic_templates/0").has("mine")).isTrue();
        assertThat(definition.at("/mappings/date_detection").booleanValue()).isTrue();
        assertThat(definition.at("/mappings/dynamic").booleanValue()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"gc_deletes\": \"1m\"} | {} | deletes are remembered",
                "{\"index\": {\"gc_deletes\": \"1m\"}} | {} | deletes are remembered",
                "{\"translog\": {\"durability\": \"async\"}} | {} | could be lost while the applied tidemark is kept",
                "{\"index.blocks.write\": true} | {} | nothing could be written",
                "{\"index\": {\"blocks\": {\"read_only\": true}}} | {} | nothing could be written",
                "{\"default_pipeline\": \"p\"} | {} | read back as they were written",
                "{\"index.mapping.source.mode\": \"synthetic\"} | {} | read back as they were written",
                "{\"mode\": \"logsdb\"} | {} | read back as they were written",
                "{\"lifecycle.name\": \"l\"} | {} | to make and to replace",
                "{} | {\"_source\": {\"enabled\": false}} | read back as they were written",
                "{} | {\"_routing\": {\"required\": true}} | by their id alone",
                "{} | {\"enabled\": false} | read back by what they say",
                "{} | {\"properties\": {\"_tidemark\": {\"type\": \"text\"}}} | Tidemark's own",
            })
    void what_would_break_a_promise_is_refused(String settings, String mapping, String why) {
        assertThatThrownBy(() -> new IndexAdditions(Json.parseObject(settings), Json.parseObject(mapping)))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining(why);
    }

    @Test
    void settings_of_similar_names_are_not() {
        assertThat(IndexAdditions.refusedSetting("index.mapping.total_fields.limit"))
                .isEmpty();
        assertThat(IndexAdditions.refusedSetting("mode_of_mine")).isEmpty();
    }
}
