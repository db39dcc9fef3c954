package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.TableId;
import io.tidemark.model.Topics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TopicNamesTest {

    private static Optional<String> collision(List<String> models, TableId... tables) {
        return TopicNames.collision(new Topics("shop"), Arrays.asList(tables), models);
    }

    @Test
    void tables_whose_names_differ_in_characters_topics_cannot_have_are_named() {
        assertThat(collision(List.of(), new TableId("public", "order s"), new TableId("public", "order$s")))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("table public.order s and table public.order$s (shop.public.order_s)"));
    }

    @Test
    void tables_whose_schema_and_name_kafka_cannot_tell_apart_are_named() {
        assertThat(collision(List.of(), new TableId("public", "a_b"), new TableId("public_a", "b")))
                .hasValueSatisfying(
                        text -> assertThat(text).contains("table public.a_b and table public_a.b (shop.public_a.b)"));
    }

    @Test
    void a_read_model_of_the_name_of_a_schema_with_a_table_documents_is_named() {
        assertThat(collision(List.of("public"), new TableId("public", "documents")))
                .hasValueSatisfying(
                        text -> assertThat(text).contains("table public.documents and read model 'public'"));
    }

    @Test
    void names_that_differ_are_no_collision() {
        assertThat(collision(
                        List.of("orders", "orders-2"),
                        new TableId("public", "orders"),
                        new TableId("public", "Orders"),
                        new TableId("sales", "orders"),
                        new TableId("public", "orders-2")))
                .isEmpty();
    }
}
