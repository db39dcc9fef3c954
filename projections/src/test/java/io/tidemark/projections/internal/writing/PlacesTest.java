package io.tidemark.projections.internal.writing;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class PlacesTest {

    private static final TopicPartition FIRST = new TopicPartition("documents", 0);
    private static final TopicPartition SECOND = new TopicPartition("documents", 1);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final Places places = new Places("test");

    PlacesTest() {
        consumer.assign(List.of(FIRST, SECOND));
        consumer.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
        consumer.updateEndOffsets(Map.of(FIRST, 100L, SECOND, 100L));
    }

    @Test
    void a_store_that_claims_as_much_goes_on_where_the_group_is() {
        kept(FIRST, 40, "7@0/7");
        kept(SECOND, 50, "8@0/8");
        assertThat(places.begin(consumer, List.of(claim(0, 7), claim(1, 9)))).isEmpty();
        assertThat(consumer.position(FIRST)).isEqualTo(40);
        assertThat(consumer.position(SECOND)).isEqualTo(50);
    }

    @Test
    void only_the_partition_of_which_the_store_claims_less_is_filled_again() {
        kept(FIRST, 40, "7@0/7");
        kept(SECOND, 50, "8@0/8");
        assertThat(places.begin(consumer, List.of(claim(0, 6), claim(1, 8)))).containsExactly(0);
        assertThat(consumer.position(FIRST)).isZero();
        assertThat(consumer.position(SECOND)).isEqualTo(50);
    }

    @Test
    void without_a_claim_or_a_place_or_a_tidemark_beside_it_a_partition_is_filled() {
        kept(FIRST, 40, "7@0/7");
        assertThat(places.begin(consumer, List.of(claim(1, 8)))).containsExactlyInAnyOrder(0, 1);
        kept(SECOND, 50, "");
        kept(FIRST, 40, "0@0/0");
        assertThat(places.begin(consumer, List.of(claim(0, 7), claim(1, 8)))).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void an_idle_tidemark_that_was_lost_is_no_loss() {
        kept(FIRST, 40, "7@0/99");
        kept(SECOND, 50, "8@0/8");
        assertThat(places.begin(consumer, List.of(claim(0, 7), claim(1, 8)))).isEmpty();
    }

    @Test
    void nothing_is_claimed_of_a_partition_that_is_filled_before_the_end_it_had() {
        kept(SECOND, 50, "8@0/8");
        places.begin(consumer, List.of(claim(1, 8)));
        read(FIRST, 60, 5);
        read(SECOND, 60, 9);
        assertThat(places.claims(consumer)).containsExactly(claim(1, 9));
        assertThat(places.written(consumer)).isEqualTo(Map.of(FIRST, place(60, "0@0/0"), SECOND, place(60, "9@0/9")));
        places.groupKeeps();
        consumer.seek(FIRST, 100);
        assertThat(places.claims(consumer)).as("the newest marker").containsExactly(claim(0, 5));
        assertThat(places.written(consumer).get(FIRST)).as("behind the marker").isEqualTo(place(60, "5@0/5"));
        assertThat(places.claims(consumer)).as("until its place is kept").containsExactly(claim(0, 5));
        assertThat(places.isFilled(0)).isTrue();
        places.groupKeeps();
        assertThat(places.claims(consumer)).isEmpty();
        assertThat(places.isFilled(0)).isFalse();
    }

    @Test
    void the_place_stays_behind_the_last_marker_that_was_claimed() {
        kept(FIRST, 40, "7@0/7");
        kept(SECOND, 50, "8@0/8");
        places.begin(consumer, List.of(claim(0, 7), claim(1, 8)));
        consumer.seek(FIRST, 70);
        assertThat(places.written(consumer).get(FIRST)).isEqualTo(place(40, "7@0/7"));
    }

    @Test
    void a_filling_goes_on_where_this_delivery_left_it_and_begins_again_where_another_did() {
        kept(SECOND, 50, "8@0/8");
        places.begin(consumer, List.of(claim(1, 8)));
        consumer.seek(FIRST, 60);
        groupKeepsWhatIsWritten();
        assertThat(places.begin(consumer, List.of(claim(1, 8)))).isEmpty();
        assertThat(consumer.position(FIRST)).isEqualTo(60);

        kept(FIRST, 61, "0@0/0");
        assertThat(places.begin(consumer, List.of(claim(1, 8)))).containsExactly(0);
    }

    @Test
    void a_filling_goes_on_where_the_group_did_not_keep_its_place_or_did_not_say_so() {
        kept(SECOND, 50, "8@0/8");
        places.begin(consumer, List.of(claim(1, 8)));
        consumer.seek(FIRST, 60);
        groupKeepsWhatIsWritten();
        consumer.seek(FIRST, 80);
        Map<TopicPartition, OffsetAndMetadata> unknown = places.written(consumer);
        assertThat(places.begin(consumer, List.of(claim(1, 8)))).isEmpty();
        assertThat(consumer.position(FIRST)).isEqualTo(60);

        consumer.commitSync(unknown);
        assertThat(places.begin(consumer, List.of(claim(1, 8)))).isEmpty();
        assertThat(consumer.position(FIRST)).isEqualTo(80);
    }

    @Test
    void a_claim_whose_place_may_be_kept_is_held_against_the_store() {
        kept(SECOND, 50, "8@0/8");
        places.begin(consumer, List.of(claim(1, 8)));
        read(FIRST, 100, 5);
        consumer.commitSync(places.written(consumer));
        assertThat(places.begin(consumer, List.of(claim(1, 8)))).containsExactly(0);

        read(FIRST, 100, 5);
        consumer.commitSync(places.written(consumer));
        assertThat(places.begin(consumer, List.of(claim(0, 5), claim(1, 8)))).isEmpty();
        assertThat(places.isFilled(0)).isFalse();
    }

    @Test
    void after_a_loss_a_filling_begins_again() {
        kept(SECOND, 50, "8@0/8");
        places.begin(consumer, List.of(claim(1, 8)));
        consumer.seek(FIRST, 60);
        groupKeepsWhatIsWritten();
        places.forget();
        assertThat(places.begin(consumer, List.of(claim(1, 8)))).containsExactly(0);
    }

    private void groupKeepsWhatIsWritten() {
        consumer.commitSync(places.written(consumer));
        places.groupKeeps();
    }

    private void kept(TopicPartition partition, long offset, String claimed) {
        Map<TopicPartition, OffsetAndMetadata> kept = new HashMap<>();
        kept.put(partition, place(offset, claimed));
        consumer.commitSync(kept);
    }

    private void read(TopicPartition partition, long next, long number) {
        places.marked(partition, tidemark(number), next - 1);
        consumer.seek(partition, next);
    }

    private static OffsetAndMetadata place(long offset, String claimed) {
        return new OffsetAndMetadata(offset, claimed);
    }

    private static AppliedTidemark claim(int partition, long number) {
        return new AppliedTidemark(partition, tidemark(number));
    }

    private static TidemarkRef tidemark(long number) {
        return new TidemarkRef(number, new Lsn(number));
    }
}
