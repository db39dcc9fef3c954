package io.tidemark.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import org.junit.jupiter.api.Test;

class OrderDocumentsTest {

    @Test
    void documents_are_about_a_kilobyte() {
        for (long id : new long[] {1, 77, 500_000}) {
            assertThat(Json.bytes(OrderDocuments.body(id)).length).isBetween(900, 1_150);
        }
    }

    @Test
    void what_is_stored_says_its_key_and_position_before_the_document() {
        assertThat(OrderDocuments.inIndex(17))
                .startsWith("{\"_tidemark\":17,\"_tidemark_key\":\"{\\\"id\\\":17}\",\"id\":17,");
        assertThat(OrderDocuments.inRedis(17))
                .startsWith("{\"_tidemark\":17,\"_tidemark_generation\":1,\"_tidemark_key\":{\"id\":17},\"id\":17,");
    }

    @Test
    void a_digest_shows_a_missing_and_a_changed_document() {
        Digest whole = OrderDocuments.digest(3);

        assertThat(whole.rows()).isEqualTo(3);
        assertThat(OrderDocuments.digest(2)).isNotEqualTo(whole);
        DocumentDigest changed = new DocumentDigest();
        changed.add(OrderDocuments.body(1));
        changed.add(OrderDocuments.body(2));
        changed.add(OrderDocuments.body(3).put("status", "lost"));
        assertThat(changed.digest()).isNotEqualTo(whole);
    }

    @Test
    void a_digest_does_not_look_at_the_order_of_fields() {
        DocumentDigest digest = new DocumentDigest();

        assertThat(digest.of(Json.parseObject("{\"a\":1,\"b\":{\"c\":2,\"d\":9.50}}")))
                .isEqualTo(digest.of(Json.parseObject("{\"b\":{\"d\":9.50,\"c\":2},\"a\":1}")));
    }
}
