package io.tidemark.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Version;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;

class DocumentConverterTest {

    @Test
    void a_key_is_its_id() {
        SchemaAndValue key = converter(true).toConnectData("t", new RecordHeaders(), bytes("{\"id\":17}"));

        assertThat(((Struct) key.value()).getInt64("id")).isEqualTo(17);
        assertThat(key.schema().field("id").schema()).isEqualTo(Schema.INT64_SCHEMA);
    }

    @Test
    void a_tidemark_has_neither_key_nor_value() {
        assertThat(converter(true).toConnectData("t", new RecordHeaders(), bytes("__tidemark")))
                .isEqualTo(SchemaAndValue.NULL);
        assertThat(converter(false).toConnectData("t", new RecordHeaders(), null))
                .isEqualTo(SchemaAndValue.NULL);
    }

    @Test
    void a_document_is_its_text_and_its_position() {
        RecordHeaders headers = new RecordHeaders();
        headers.add(Version.HEADER, new Version(42, 3).encode());

        Struct document = (Struct) converter(false)
                .toConnectData("t", headers, bytes("{\"id\":17}"))
                .value();

        assertThat(document.getString("document")).isEqualTo("{\"id\":17}");
        assertThat(document.getInt64("_tidemark")).isEqualTo(42);
    }

    private static DocumentConverter converter(boolean keys) {
        DocumentConverter converter = new DocumentConverter();
        converter.configure(Map.of(), keys);
        return converter;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
