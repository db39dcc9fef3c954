package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.capture.internal.SourceErrors;
import io.tidemark.capture.internal.kafka.CommittedRecords;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CaptureSettingsTest {

    private static final CaptureSettings SETTINGS = new CaptureSettings(
            new CaptureSettings.Source(
                    "jdbc:postgresql://127.0.0.1:1/shop?sslpassword=canary", "reader", new Secret("canary")),
            List.of(TableId.parse("public.orders")),
            "slot",
            "publication",
            Map.of(
                    "bootstrap.servers",
                    "127.0.0.1:1",
                    "security.protocol",
                    "SASL_PLAINTEXT",
                    "sasl.mechanism",
                    "PLAIN",
                    "sasl.jaas.config",
                    "no.such.Module required password=canary;",
                    "ssl.key.password",
                    "canary"),
            new Topics("shop"),
            6,
            Duration.ofDays(7));

    @Test
    void their_text_names_kafkas_properties_and_shows_neither_values_nor_passwords() {
        assertThat(SETTINGS.toString())
                .contains("jdbc:postgresql://127.0.0.1:1/shop", "reader", "sasl.jaas.config", "public.orders")
                .doesNotContain("canary");
    }

    @Test
    void errors_of_the_source_and_of_kafka_show_no_password() {
        assertThatThrownBy(() -> SourceErrors.connect(SETTINGS.source()))
                .isInstanceOf(TidemarkException.class)
                .satisfies(e -> assertThat(trace(e)).doesNotContain("canary"));
        assertThatThrownBy(() -> new CommittedRecords(SETTINGS.kafkaClient()).any(List.of("shop.public.orders")))
                .isInstanceOf(TidemarkException.class)
                .hasMessageNotContaining("canary");
    }

    private static String trace(Throwable error) {
        StringWriter trace = new StringWriter();
        error.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }
}
