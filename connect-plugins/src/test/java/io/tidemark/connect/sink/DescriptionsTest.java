package io.tidemark.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class DescriptionsTest {

    private final TestClocks clocks = new TestClocks();
    private final MemoryBrokers brokers = new MemoryBrokers();
    private final Descriptions topics = new Descriptions(brokers, clocks.nanos());

    /** A question takes a client, and a login. */
    @Test
    void one_question_is_about_all_topics_of_the_task_and_holds_for_half_a_minute() {
        topics.assigned(List.of(partition("a", 0), partition("a", 1), partition("b", 0)));
        assertThat(topics.of("a").id()).isEqualTo("first");
        clocks.pass(Duration.ofSeconds(29));
        assertThat(topics.of("b").id()).isEqualTo("first");
        assertThat(brokers.questions()).containsExactly(Set.of("a", "b"));

        brokers.describedAs("second", 1);
        clocks.pass(Duration.ofSeconds(2));
        assertThat(topics.of("b").id()).isEqualTo("second");
        assertThat(topics.of("a").id()).isEqualTo("second");
        assertThat(brokers.questions()).hasSize(2);
    }

    @Test
    void it_is_asked_anew_when_partitions_came_or_offsets_went_back() {
        topics.assigned(List.of(partition("a", 0)));
        assertThat(topics.of("a").id()).isEqualTo("first");
        brokers.describedAs("second", 1);
        topics.outdated();
        assertThat(topics.of("a").id()).isEqualTo("second");
        brokers.describedAs("third", 1);
        topics.assigned(List.of(partition("a", 0)));
        assertThat(topics.of("a").id()).isEqualTo("third");
    }

    @Test
    void a_topic_that_is_gone_does_not_stand_in_the_way_of_others() {
        topics.assigned(List.of(partition("a", 0), partition("gone", 0)));
        brokers.drop("gone");
        assertThat(topics.of("a").id()).isEqualTo("first");
        clocks.pass(Duration.ofSeconds(31));
        assertThat(topics.of("a").id()).isEqualTo("first");
        assertThat(brokers.questions()).containsExactly(Set.of("a", "gone"), Set.of("a"), Set.of("a"));
        assertThatThrownBy(() -> topics.of("gone")).isInstanceOf(TidemarkException.class);
    }

    private static TopicPartition partition(String topic, int number) {
        return new TopicPartition(topic, number);
    }
}
