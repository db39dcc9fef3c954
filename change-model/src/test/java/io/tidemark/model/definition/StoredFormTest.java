package io.tidemark.model.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.definition.StoredForm.UnmappableException;
import org.junit.jupiter.api.Test;

class StoredFormTest {

    private static final RowKey KEY = new RowKey("{\"id\":1}");

    @Test
    void a_mapping_changes_a_copy_and_the_document_stays_as_it_was() throws UnmappableException {
        ObjectNode document = Json.parseObject("{\"id\":1,\"in\":{\"x\":1.50}}");
        StoredForm form = new StoredForm("1", (key, body) -> {
            ((ObjectNode) body.get("in")).put("x", key.text());
            return body;
        });

        assertThat(form.of(KEY, document)).isEqualTo(Json.parseObject("{\"id\":1,\"in\":{\"x\":\"1\"}}"));
        assertThat(document).isEqualTo(Json.parseObject("{\"id\":1,\"in\":{\"x\":1.50}}"));
        assertThat(form.isAsAssembled()).isFalse();
    }

    @Test
    void what_a_mapping_cannot_take_has_no_stored_form() {
        assertUnmappable((key, body) -> null, "the mapping gives nothing");
        assertUnmappable((key, body) -> body.put("_tidemark_x", 1), "a member '_tidemark_x'");
        assertUnmappable(
                (key, body) -> {
                    throw new IllegalStateException("too odd");
                },
                "the mapping does not take it: java.lang.IllegalStateException: too odd");
    }

    private static void assertUnmappable(StoredForm.Mapping mapping, String message) {
        assertThatThrownBy(() -> new StoredForm("1", mapping).of(KEY, Json.object()))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining(message);
    }
}
