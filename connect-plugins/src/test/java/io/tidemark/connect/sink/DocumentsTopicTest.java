package io.tidemark.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DocumentsTopicTest {

    /** By which others ask the store for it. */
    @Test
    void a_topic_is_of_a_model_and_of_one_of_its_builds() {
        assertThat(DocumentsTopic.parse("shop.orders.documents")).contains(new DocumentsTopic("orders", 1));
        assertThat(DocumentsTopic.parse("shop.orders.3.documents")).contains(new DocumentsTopic("orders", 3));
        assertThat(DocumentsTopic.parse("shop.3.documents")).contains(new DocumentsTopic("3", 1));
        assertThat(DocumentsTopic.parse("shop.public.orders")).isEmpty();
    }
}
