package io.tidemark.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Json;
import io.tidemark.model.Topics;
import io.tidemark.projections.ModelGenerations.Build;
import io.tidemark.testkit.SharedStack;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class GenerationRegistryIT {

    private static final int EACH = 4;

    private final Topics topics =
            new Topics("registry" + ProcessHandle.current().pid());

    private GenerationRegistry registry() {
        return new GenerationRegistry(
                Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers()), topics);
    }

    private static ModelGenerations counted(String model, Optional<ModelGenerations> before) {
        ModelGenerations now = before.orElseGet(() -> ModelGenerations.first(
                model, "lineage", Build.of(1, 1, "digest", Map.of("search", "orders"), Json.object())));
        return now.promoting(1);
    }

    private void change(String model) {
        try (GenerationRegistry registry = registry()) {
            for (int i = 0; i < EACH; i++) {
                ModelGenerations now = registry.change(model, before -> counted(model, before));
                assertThat(registry.read(model)).isPresent();
                assertThat(registry.read(model).orElseThrow().decision()).isGreaterThanOrEqualTo(now.decision());
            }
        }
    }

    @Test
    void of_changes_that_many_make_at_once_none_is_lost() {
        try (GenerationRegistry registry = registry()) {
            assertThat(registry.read()).isEmpty();
            List<CompletableFuture<Void>> changing = new ArrayList<>();
            for (String model : List.of("orders", "orders", "orders", "customers")) {
                changing.add(CompletableFuture.runAsync(() -> change(model)));
            }
            changing.forEach(CompletableFuture::join);
            assertThat(registry.read("orders").orElseThrow().decision()).isEqualTo(3 * EACH);
            assertThat(registry.read("customers").orElseThrow().decision()).isEqualTo(EACH);
        }
    }

    @Test
    void a_change_that_is_refused_changes_nothing() {
        try (GenerationRegistry registry = registry()) {
            change("lines");
            assertThatThrownBy(() -> registry.change("lines", before -> {
                        throw new IllegalStateException("no");
                    }))
                    .hasMessage("no");
            assertThat(registry.read("lines").orElseThrow().decision()).isEqualTo(EACH);
        }
    }
}
