package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.Topics;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.TidemarkFollower;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureElsewhereIT {

    @TempDir
    private Path directory;

    @Test
    void a_mirror_waits_for_a_capture_that_says_how_tables_are_described_and_documents_do_not() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (Slice slice = new Slice(directory, "shop")) {
            slice.seedShop(1, 5, 5, 5);
            Plan plan = slice.plan();
            mark(plan, 1, Map.of());
            try (TidemarkFollower tidemarks = new TidemarkFollower(plan.kafkaClient(), plan.topics())) {
                tidemarks.start();
                List<String> said = new CopyOnWriteArrayList<>();
                CaptureElsewhere capture = new CaptureElsewhere(plan, said::add);
                List<ReadModel> documents = plan.models().stream()
                        .filter(DocumentModel.class::isInstance)
                        .toList();
                capture.awaitTables(documents, tidemarks);
                assertThat(said).isEmpty();

                Callable<Boolean> mirrors = () -> {
                    capture.awaitTables(plan.models(), tidemarks);
                    return true;
                };
                Future<Boolean> waiting = threads.submit(mirrors);
                await().until(() -> !said.isEmpty());
                assertThat(said).singleElement().satisfies(text -> assertThat(text)
                        .contains("capture is of an earlier build")
                        .contains("start 'tidemark capture' or 'tidemark run' of this one"));
                assertThat(waiting).isNotDone();

                mark(plan, 2, Map.of(plan.topics().relations(), List.of(0L)));
                assertThat(waiting.get(30, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** A tidemark of the whole shop. */
    private static void mark(Plan plan, long number, Map<String, List<Long>> beside) throws Exception {
        Topics topics = plan.topics();
        Map<String, List<Long>> offsets = new LinkedHashMap<>(beside);
        plan.relations()
                .forEach(relation -> offsets.put(
                        topics.changes(relation.table()),
                        Collections.nCopies(plan.config().kafka().partitions(), 0L)));
        Tidemark tidemark = new Tidemark(number, new Lsn(number), true, offsets, List.of());
        try (Admin admin = Admin.create(Map.<String, Object>copyOf(plan.kafkaClient()));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.<String, Object>copyOf(plan.kafkaClient()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            if (number == 1) {
                admin.createTopics(List.of(new NewTopic(topics.tidemarks(), 1, (short) 1)))
                        .all()
                        .get();
            }
            producer.send(new ProducerRecord<>(topics.tidemarks(), 0, new byte[] {1}, Json.bytes(tidemark.toJson())))
                    .get();
        }
    }
}
