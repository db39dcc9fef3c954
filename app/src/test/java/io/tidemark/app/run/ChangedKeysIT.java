package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.testkit.SharedStack;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class ChangedKeysIT {

    private static final Instant SINCE = Instant.parse("2026-11-22T12:00:00Z");
    private static final TableId ORDERS = TableId.parse("public.orders");
    private static final MirrorModel MIRROR = new MirrorModel("rows", List.of(ORDERS));

    private final Map<String, String> client =
            Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers());
    private Topics topics;
    private KafkaProducer<byte[], byte[]> producer;

    @BeforeEach
    void create(TestInfo test) throws Exception {
        topics =
                new Topics("changed" + Integer.toHexString(test.getDisplayName().hashCode()));
        try (Admin admin = Admin.create(Map.<String, Object>copyOf(client))) {
            admin.createTopics(List.of(new NewTopic(topics.changes(ORDERS), 2, (short) 1)))
                    .all()
                    .get();
        }
        producer = new KafkaProducer<>(
                Map.<String, Object>copyOf(client), new ByteArraySerializer(), new ByteArraySerializer());
    }

    @AfterEach
    void close() {
        producer.close();
    }

    @Test
    void what_changed_then_or_later_is_there_once_deletes_too_and_what_changed_before_is_not() throws Exception {
        send(0, Duration.ofHours(-2), key(1), "{}");
        send(0, Duration.ofSeconds(1), key(2), "{}");
        send(1, Duration.ofSeconds(2), "\"__tidemark\"", null);
        send(1, Duration.ofSeconds(2), key(3), null);
        send(0, Duration.ofSeconds(3), key(2), "{}");

        assertThat(keys().get("public.orders")).containsExactlyInAnyOrder(new RowKey(key(2)), new RowKey(key(3)));
    }

    @Test
    void where_nothing_changed_there_is_none() throws Exception {
        send(0, Duration.ofHours(-2), key(1), "{}");

        assertThat(keys()).isEqualTo(Map.of("public.orders", List.of()));
    }

    @Test
    void a_table_that_was_emptied_is_to_be_compared_as_a_whole() throws Exception {
        send(0, Duration.ofSeconds(1), RowKey.TRUNCATE.json(), "{}");

        assertThatThrownBy(this::keys)
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED))
                .hasMessage("Since 2026-11-22T12:00:00Z a table was emptied, as topic " + topics.changes(ORDERS)
                        + " has it: compare everything, without --since");
    }

    private Map<String, List<RowKey>> keys() {
        return new ChangedKeys(client, topics, SINCE).of(MIRROR);
    }

    private static String key(int id) {
        return "{\"id\":" + id + "}";
    }

    private void send(int partition, Duration after, String key, String value) throws Exception {
        producer.send(new ProducerRecord<>(
                        topics.changes(ORDERS),
                        partition,
                        SINCE.plus(after).toEpochMilli(),
                        new RowKey(key).encode(),
                        value == null ? null : value.getBytes(StandardCharsets.UTF_8)))
                .get();
    }
}
