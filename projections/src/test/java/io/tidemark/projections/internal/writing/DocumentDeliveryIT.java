package io.tidemark.projections.internal.writing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.testkit.SharedStack;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DocumentDeliveryIT {

    private static final AtomicInteger TOPICS = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Writes down what it is asked, in the words of {@link #said}, and refuses when told to. */
    private static final class ScriptedWriter implements DocumentWriter {

        private final Queue<String> said = new ConcurrentLinkedQueue<>();
        private final Queue<ErrorCode> refusals = new ConcurrentLinkedQueue<>();

        @Override
        public void open() {
            said.add("open");
        }

        @Override
        public void rejoin() {
            said.add("rejoin");
        }

        @Override
        public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
            ErrorCode refusal = refusals.poll();
            if (refusal != null) {
                said.add(refusal.toString());
                throw new TidemarkException(refusal, "as the test has it");
            }
            batch.forEach(document -> said.add(document.version().toString()));
            claims.forEach(claim -> said.add("claim " + claim.tidemark().number()));
            return Collections.nCopies(batch.size(), WriteOutcome.applied());
        }

        @Override
        public void close() {
            said.add("close");
        }
    }

    private final String topic = "delivered" + TOPICS.incrementAndGet();
    private final ScriptedWriter writer = new ScriptedWriter();
    private final AppliedTidemarks applied = new AppliedTidemarks(1, tidemark -> {});
    private KafkaProducer<byte[], byte[]> producer;
    private DocumentDelivery delivery;

    @BeforeEach
    void start() throws Exception {
        String servers = SharedStack.kafka().bootstrapServers();
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", servers))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers), new ByteArraySerializer(), new ByteArraySerializer());
        send(1);
        mark(1);
        delivery = delivery(new TidemarkRef(1, new Lsn(1)));
    }

    private DocumentDelivery delivery(TidemarkRef stored) {
        return new DocumentDelivery("test", "orders", topic, inGroup(), writer, () -> stored, applied);
    }

    private Map<String, Object> inGroup() {
        return ConsumerConfigs.inGroup(
                Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers()), topic);
    }

    @AfterEach
    void close() {
        delivery.close();
        producer.close();
    }

    @Test
    void a_writer_out_of_touch_writes_again_what_was_not_written_once_it_owns_the_partition() {
        delivery.start();
        awaitSaid("claim 1");
        writer.refusals.add(ErrorCode.FENCED);
        send(2);
        mark(2);
        awaitSaid("claim 2");
        assertThat(writer.said)
                .containsSubsequence("open", "rejoin", "1.0", "claim 1", "rejoin", "FENCED", "rejoin", "2.0", "claim 2")
                .containsOnlyOnce("open", "1.0");
        assertThat(delivery.ended()).isNotDone();
    }

    @Test
    void a_store_that_lost_what_it_held_is_opened_again_and_filled_from_the_start() {
        delivery.start();
        awaitSaid("claim 1");
        writer.refusals.add(ErrorCode.DATA_LOSS);
        send(2);
        mark(2);
        awaitSaid("claim 2");
        assertThat(writer.said)
                .containsSubsequence("1.0", "claim 1", "DATA_LOSS", "open", "rejoin", "1.0", "2.0", "claim 2");
        await().atMost(PATIENCE)
                .until(() -> applied.minimum().map(TidemarkRef::number).equals(Optional.of(2L)));
        assertThat(delivery.ended()).isNotDone();
    }

    @Test
    void a_store_that_was_filled_is_not_filled_again_by_another_assignment() {
        delivery = delivery(TidemarkRef.NONE);
        delivery.start();
        awaitSaid("claim 1");
        // The second of them says that the place is kept.
        await().atMost(PATIENCE).until(() -> rejoined() == 2);
        try (KafkaConsumer<byte[], byte[]> other = new KafkaConsumer<>(inGroup())) {
            other.subscribe(List.of(topic));
            await().atMost(PATIENCE).until(() -> {
                other.poll(Duration.ofMillis(100));
                return other.groupMetadata().generationId() > 0;
            });
        }
        await().atMost(PATIENCE).until(() -> rejoined() > 2);
        send(2);
        mark(2);
        awaitSaid("claim 2");
        assertThat(writer.said).containsOnlyOnce("1.0", "claim 1", "2.0");
    }

    private long rejoined() {
        return writer.said.stream().filter("rejoin"::equals).count();
    }

    @Test
    void nothing_counts_as_applied_while_a_store_is_filled_again() {
        delivery.start();
        await().atMost(PATIENCE).until(() -> applied.minimum().isPresent());
        writer.refusals.add(ErrorCode.DATA_LOSS);
        // The store takes nothing more.
        writer.refusals.addAll(Collections.nCopies(1_000, ErrorCode.UNREACHABLE));
        send(2);
        awaitSaid("UNREACHABLE");
        assertThat(applied.minimum()).isEmpty();
    }

    @Test
    void any_other_refusal_ends_the_delivery() {
        writer.refusals.add(ErrorCode.CONFIGURATION);
        delivery.start();
        await().atMost(PATIENCE).until(() -> delivery.ended().isCompletedExceptionally());
        assertThat(writer.said).contains("close").doesNotContain("1.0");
    }

    private void awaitSaid(String what) {
        await().atMost(PATIENCE).until(() -> writer.said.contains(what));
    }

    private void send(long position) {
        var document = new ProducerRecord<>(
                topic, new RowKey("{\"id\":" + position + "}").encode(), "{}".getBytes(StandardCharsets.UTF_8));
        document.headers().add(Version.HEADER, new Version(position, 0).encode());
        var unused = producer.send(document);
    }

    private void mark(long number) {
        String tidemark = new TidemarkRef(number, new Lsn(number)).toString();
        var marker = new ProducerRecord<byte[], byte[]>(topic, "\"__tidemark\"".getBytes(StandardCharsets.UTF_8), null);
        marker.headers().add(DocumentDelivery.APPLIED_HEADER, tidemark.getBytes(StandardCharsets.US_ASCII));
        var unused = producer.send(marker);
        producer.flush();
    }
}
