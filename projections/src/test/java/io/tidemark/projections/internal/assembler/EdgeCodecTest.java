package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EdgeCodecTest {

    private static final Version VERSION = new Version(Long.MAX_VALUE, Integer.MAX_VALUE);

    static Edge[] edges() {
        return new Edge[] {
            new Edge.Row(VERSION, bytes("{\"id\":1}")),
            new Edge.Row(new Version(1, 0), null),
            new Edge.Row(VERSION, bytes("{\"id\":1}"), List.of("name", "straße")),
            new Edge.Row(VERSION, null, List.of("name")),
            new Edge.Truncate(VERSION),
            new Edge.Subscription(VERSION, bytes("{\"id\":2}"), true),
            new Edge.Subscription(VERSION, bytes("{\"id\":2}"), false),
            new Edge.Response("kunde ü", VERSION, bytes("k"), bytes("{}"), true),
            new Edge.Response("customer", VERSION, bytes("k"), null, false),
            new Edge.Child("lines", VERSION, bytes("k"), bytes("[1]"), bytes("{}")),
            new Edge.Child("lines", VERSION, bytes("k"), bytes("[]"), null),
            new Edge.Claim(VERSION, bytes("k"), bytes("{}")),
            new Edge.Claim(VERSION, bytes("k"), null),
            new Edge.Marker(Edge.SUBSCRIPTIONS, TidemarkRef.parse("42@16/B374D848"), TidemarkRef.parse("41@16/0"), 7),
        };
    }

    @ParameterizedTest
    @MethodSource("edges")
    void every_message_survives_its_binary_form(Edge edge) {
        assertThat(EdgeCodec.decode(EdgeCodec.encode(edge))).isEqualTo(edge);
    }

    @Test
    void a_message_of_another_format_says_rebuild() {
        byte[] encoded = EdgeCodec.encode(edges()[0]);
        encoded[0] = 9;

        assertThatThrownBy(() -> EdgeCodec.decode(encoded)).hasMessageContaining("rebuild");
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
