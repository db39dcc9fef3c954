package io.tidemark.projections;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProjectionSettingsTest {

    @Test
    void their_text_names_kafkas_properties_and_shows_none_of_their_values() {
        ProjectionSettings settings = new ProjectionSettings(
                Map.of("bootstrap.servers", "canary", "sasl.jaas.config", "canary"),
                new Topics("shop"),
                6,
                Duration.ofDays(7),
                Path.of("state"),
                2,
                1);

        assertThat(settings.toString())
                .contains("bootstrap.servers, sasl.jaas.config", "shop", "PT168H")
                .doesNotContain("canary");
    }
}
