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

    @Test
    void a_truncate_supersedes_what_is_older_in_its_collection() {
        Document truncate = new Document("orders", RowKey.TRUNCATE, new Version(5, 2), null);
        Document elsewhere = new Document("lines", key(1), new Version(5, 1), null);
        WriteOutcome retriable = new WriteOutcome.Retriable("down");

        NewestPerKey newest = NewestPerKey.of(List.of(SET, elsewhere, truncate, SET_AGAIN, OTHER));

        assertThat(newest.documents()).containsExactly(truncate, elsewhere, SET_AGAIN, OTHER);
        assertThat(newest.spread(
                        List.of(retriable, WriteOutcome.applied(), WriteOutcome.stale(), WriteOutcome.applied())))
                .containsExactly(
                        retriable, WriteOutcome.applied(), retriable, WriteOutcome.stale(), WriteOutcome.applied());
    }

    private static Document document(int id, long position, int order) {
        return new Document("orders", key(id), new Version(position, order), Json.object());
    }

    private static RowKey key(int id) {
        return new RowKey("{\"id\":" + id + "}");
    }
}
