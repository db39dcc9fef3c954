package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code capture --verify} against real topics. */
class ProofIT {

    private SourceUnderCapture items;

    @BeforeEach
    void capture() throws Exception {
        items = SourceUnderCapture.onSharedServers();
        items.startAndCatchUp();
        items.execute("INSERT INTO items SELECT generate_series(1, 10)");
        items.catchUp();
    }

    @AfterEach
    void end() throws Exception {
        items.close();
    }

    @Test
    void changes_that_cannot_be_read_yet_though_their_tidemark_can_are_waited_for() throws Exception {
        try (KafkaProducer<byte[], byte[]> undecided = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        items.settings().kafkaClient().get("bootstrap.servers"),
                        "transactional.id",
                        items.settings().slot() + ".undecided"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            undecided.initTransactions();
            undecided.beginTransaction();
            // Behind it no read_committed reader sees what is committed: as before the commit's marker is written.
            undecided
                    .send(new ProducerRecord<>(changes(), 0, new byte[] {1}, new byte[0]))
                    .get();
            items.execute("INSERT INTO items VALUES (11)");
            items.catchUp();

            CompletableFuture<CaptureProof> proof =
                    CompletableFuture.supplyAsync(() -> CaptureProof.of(items.settings()));
            Awaitility.await("the proof waits")
                    .during(2, TimeUnit.SECONDS)
                    .atMost(3, TimeUnit.SECONDS)
                    .until(() -> !proof.isDone());
            undecided.abortTransaction();

            assertThat(proof.get(30, TimeUnit.SECONDS))
                    .satisfies(
                            found -> assertThat(found.whole()).as(found.text()).isTrue())
                    .extracting(CaptureProof::changes)
                    .isEqualTo(11L);
        }
    }

    @Test
    void what_lies_past_the_newest_tidemark_is_not_looked_at() throws Exception {
        items.stop();
        try (KafkaProducer<byte[], byte[]> stranger = new KafkaProducer<>(
                new HashMap<String, Object>(items.settings().kafkaClient()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            stranger.send(new ProducerRecord<>(changes(), 0, new byte[] {1}, new byte[0]))
                    .get();
        }

        CaptureProof proof = CaptureProof.of(items.settings());

        assertThat(proof.whole()).as(proof.text()).isTrue();
    }

    @Test
    void changes_that_were_removed_and_topics_that_are_gone_are_faults() throws Exception {
        items.stop();
        try (Admin admin =
                Admin.create(new HashMap<String, Object>(items.settings().kafkaClient()))) {
            AlterConfigOp deletable =
                    new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact,delete"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(
                            Map.of(new ConfigResource(ConfigResource.Type.TOPIC, changes()), List.of(deletable)))
                    .all()
                    .get();
            admin.deleteRecords(Map.of(new TopicPartition(changes(), 0), RecordsToDelete.beforeOffset(3)))
                    .all()
                    .get();
            assertThat(CaptureProof.of(items.settings()).faults())
                    .containsExactly("position 1 should have 10 changes, each once, and has 7");

            admin.deleteTopics(List.of(changes())).all().get();
            Awaitility.await().atMost(10, TimeUnit.SECONDS).untilAsserted(() -> assertThat(
                            CaptureProof.of(items.settings()).faults())
                    .contains("topic " + changes() + " is gone"));

            admin.createTopics(List.of(new NewTopic(changes(), 1, (short) 1)))
                    .all()
                    .get();
            assertThat(CaptureProof.of(items.settings()).faults())
                    .anySatisfy(fault -> assertThat(fault).startsWith(changes() + "-0 ends at offset 0, tidemark "));
        }
    }

    private String changes() {
        return items.settings().topics().changes(SourceUnderCapture.ITEMS);
    }
}
