package io.tidemark.model.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class DocumentBodyTest {

    private static final ObjectNode HEAD = Json.object().put("_tidemark", 42);

    @Test
    void text_goes_through_as_it_is() {
        String text = "{\"total\": 1.10,\"name\":\"\\u00e9\"}";
        assertThat(DocumentBody.ofText(utf8(text))).hasToString(text);
        assertThat(DocumentBody.ofText(utf8(text)).after(Json.bytes(HEAD)))
                .hasToString("{\"_tidemark\":42,\"total\": 1.10,\"name\":\"\\u00e9\"}");
    }

    @Test
    void text_and_tree_are_made_of_each_other() {
        ObjectNode tree = Json.parseObject("{\"total\":1.10,\"lines\":[]}");
        DocumentBody body = DocumentBody.of(tree);
        assertThat(body).hasToString("{\"total\":1.10,\"lines\":[]}");
        assertThat(DocumentBody.ofText(body.text()).tree()).isEqualTo(tree);
        assertThat(DocumentBody.ofText(utf8("{ \"total\":1.10, \"lines\":[]}"))).isEqualTo(body);
        assertThat(DocumentBody.ofText(utf8("{\"total\":1.11,\"lines\":[]}"))).isNotEqualTo(body);
    }

    @Test
    void an_empty_body_has_only_its_head() {
        for (DocumentBody empty : List.of(
                DocumentBody.ofText(utf8("{}")), DocumentBody.ofText(utf8("{ }")), DocumentBody.of(Json.object()))) {
            assertThat(empty.after(Json.bytes(HEAD)).tree()).isEqualTo(HEAD);
        }
    }

    /** A bulk request has a line for each document. */
    @Test
    void text_in_several_lines_is_made_one() {
        assertThat(DocumentBody.ofText(utf8(" {\n \"a\": [1,\r\n2]\n}\n")).after(Json.bytes(HEAD)))
                .hasToString("{\"_tidemark\":42,\"a\":[1,2]}");
    }

    @Test
    void what_is_no_object_is_refused() {
        for (String text : List.of("", "[1]", "{", "\"{}\"", "{}{\n}")) {
            assertThatThrownBy(() -> DocumentBody.ofText(utf8(text)))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
