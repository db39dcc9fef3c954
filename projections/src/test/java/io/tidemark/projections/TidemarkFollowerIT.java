package io.tidemark.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.model.Cut;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import io.tidemark.testkit.SharedStack;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class TidemarkFollowerIT {

    private static final Topics TOPICS = new Topics("followed");
    private static final Instant BEGIN = Instant.parse("2026-11-21T12:00:00Z");

    private static TidemarkRef ref(long number) {
        return new TidemarkRef(number, new Lsn(100 * number));
    }

    /** A tidemark published so many seconds after the beginning as it has tens in its number. */
    private static ProducerRecord<byte[], byte[]> record(long number) {
        Tidemark tidemark = new Tidemark(number, ref(number).lsn(), true, Map.of(), List.of());
        return new ProducerRecord<>(
                TOPICS.tidemarks(), 0, at(number).toEpochMilli(), new byte[] {1}, Json.bytes(tidemark.toJson()));
    }

    private static Instant at(long number) {
        return BEGIN.plusSeconds(number / 10);
    }

    @Test
    void it_tells_beats_and_when_a_tidemark_was_published_and_of_those_it_does_not_remember_when_at_the_latest()
            throws Exception {
        Map<String, String> client =
                Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers());
        try (Admin admin = Admin.create(Map.<String, Object>copyOf(client));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.<String, Object>copyOf(client), new ByteArraySerializer(), new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic(TOPICS.tidemarks(), 1, (short) 1)))
                    .all()
                    .get();
            for (long number : new long[] {10, 20, 30, 40, 50, 51, 52}) {
                producer.send(record(number)).get();
            }
        }
        try (TidemarkFollower follower = new TidemarkFollower(client, TOPICS)) {
            assertThat(follower.publishedAt(ref(10))).isEmpty();
            follower.start();
            assertThat(follower.publishedAt(ref(30))).contains(at(30));
            assertThat(follower.publishedAt(ref(50))).contains(at(50));
            assertThat(follower.newestWhere(cut -> cut.tidemark().number() <= 51))
                    .map(Cut::tidemark)
                    .contains(ref(51));
            assertThat(follower.newestBeatWhere(cut -> cut.tidemark().number() <= 51))
                    .as("published at the same time as another before it")
                    .map(Cut::tidemark)
                    .contains(ref(50));
            await("it is the newest").until(() -> follower.newestBeatWhere(cut -> true)
                    .map(Cut::tidemark)
                    .equals(Optional.of(ref(52))));
            assertThat(follower.publishedAt(ref(49))).as("between two").contains(at(40));
            assertThat(follower.publishedAt(ref(1))).as("before all").contains(at(10));
            assertThat(follower.publishedAt(ref(99))).as("after all").contains(at(50));
        }
    }
}
