package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.store.Document;
import io.tidemark.model.store.NewestPerKey;
import io.tidemark.model.store.WriteOutcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class NewestPerKeyTest {

    private static final Document SET = document(1, 5, 0);
    private static final Document DELETE = new Document("orders", key(1), new Version(5, 1), null);
    private static final Document SET_AGAIN = document(1, 6, 0);
    private static final Document OTHER = document(2, 5, 2);

    @Test
    void only_the_newest_of_a_key_is_left_whatever_the_order_of_the_list() {
        assertThat(NewestPerKey.of(List.of(SET, DELETE, OTHER, SET_AGAIN)).documents())
                .containsExactly(SET_AGAIN, OTHER);
        assertThat(NewestPerKey.of(List.of(DELETE, SET)).documents()).containsExactly(DELETE);
    }

    @Test
    void what_was_superseded_shares_the_fate_of_the_newest() {
        WriteOutcome rejected = new WriteOutcome.Rejected("too big");

        assertThat(NewestPerKey.of(List.of(SET, OTHER, SET_AGAIN)).spread(List.of(rejected, WriteOutcome.applied())))
                .containsExactly(rejected, WriteOutcome.applied(), rejected);
    }

    private static Document document(int id, long position, int order) {
        return new Document("orders", key(id), new Version(position, order), Json.object());
    }

    private static RowKey key(int id) {
        return new RowKey("{\"id\":" + id + "}");
    }
}
