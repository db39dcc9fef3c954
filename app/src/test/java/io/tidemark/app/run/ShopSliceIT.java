package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.demo.ShopTraffic;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.reconciliation.Drift;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole slice on real servers, with the demo's shop. */
class ShopSliceIT {

    private static final long SEED = 11;

    @TempDir
    private Path directory;

    private Slice slice;

    @BeforeEach
    void seed() throws Exception {
        slice = new Slice(directory, "shop");
        slice.seedShop(SEED, 60, 30, 300);
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    @Test
    void read_models_equal_the_source_and_no_document_was_ever_torn_through_traffic_and_a_restart() throws Exception {
        CompletableFuture<Void> first = CompletableFuture.runAsync(() -> traffic(SEED, 1500));
        slice.start();
        first.get();
        CompletableFuture<Void> more = CompletableFuture.runAsync(() -> traffic(SEED + 1, 600));
        slice.stop();
        slice.start();
        more.get();
        slice.awaitEverything();

        slice.assertNoDrift(3);
        assertNoEmittedDocumentWasTorn();
    }

    @Test
    void what_somebody_else_changed_in_a_store_is_found_and_named() throws Exception {
        slice.start();
        slice.awaitEverything();
        Plan plan = slice.plan();
        ReadModel orders = plan.model(slice.model("order-search"));
        Map<String, RowKey> corrupted = new HashMap<>();
        for (Target target : plan.targets(orders)) {
            corrupted.put(target.store(), dropALine(plan, orders, target));
        }
        slice.executeInWarehouse("UPDATE customers SET name = name || '.' WHERE id = 7");
        slice.executeInWarehouse("DELETE FROM products WHERE id = 9");
        slice.executeInWarehouse(
                "INSERT INTO payments (id, order_id, _tidemark, _tidemark_order) VALUES (99999, 1, 1, 0)");

        List<Report> reports = slice.reconcile();

        assertThat(reports).extracting(Report::verdict).containsOnly(Verdict.DRIFT);
        for (Report report : reports) {
            if (report.store().equals("dw")) {
                assertThat(report.drift())
                        .extracting(drift -> drift.kind() + " " + drift.collection() + drift.key())
                        .containsExactlyInAnyOrder(
                                "DIFFERENT public.customers{\"id\":7}",
                                "MISSING public.products{\"id\":9}",
                                "EXTRA public.payments{\"id\":99999}");
            } else {
                assertThat(report.drift()).extracting(Drift::key).containsExactly(corrupted.get(report.store()));
            }
        }
    }

    /** Writes an order back without its last line, as if the assembler had lost a child. */
    private static RowKey dropALine(Plan plan, ReadModel model, Target target) {
        StoreAccess stores = new StoreAccess(plan, lineage(plan));
        RowKey key = new RowKey("{\"id\":5}");
        try (var reader = stores.reader(model, target);
                DocumentWriter writer = stores.writer((DocumentModel) model, target)) {
            ObjectNode body = reader.get(model.name(), List.of(key)).get(key).body();
            com.fasterxml.jackson.databind.node.ArrayNode lines =
                    (com.fasterxml.jackson.databind.node.ArrayNode) body.get("lines");
            lines.remove(lines.size() - 1);
            writer.open();
            long number = io.tidemark.capture.CapturedState.read(plan.kafkaClient(), plan.topics())
                    .orElseThrow()
                    .tidemark()
                    .number();
            // The position of a tidemark the model has passed: what is there now claims less.
            Document torn = new Document(model.name(), key, new Version(number + 1, 0), body);
            writer.write(List.of(torn), List.of());
        }
        return key;
    }

    private static String lineage(Plan plan) {
        return io.tidemark.capture.CapturedState.read(plan.kafkaClient(), plan.topics())
                .orElseThrow()
                .lineage();
    }

    private void traffic(long seed, int transactions) {
        new ShopTraffic(slice::source).run(ShopTraffic.Plan.of(seed, transactions), commit -> {});
    }

    /** At every commit of the source an order's total is the sum over its lines, so in every document ever emitted. */
    private void assertNoEmittedDocumentWasTorn() {
        Plan plan = slice.plan();
        List<ObjectNode> documents = emitted(plan, plan.topics().documents(slice.model("order-search")));

        assertThat(documents).hasSizeGreaterThan(300).allSatisfy(document -> {
            BigDecimal sum = BigDecimal.ZERO;
            for (JsonNode line : document.get("lines")) {
                assertThat(line.get("product").isNull())
                        .as("product of %s", line)
                        .isFalse();
                sum = sum.add(line.get("quantity")
                        .decimalValue()
                        .multiply(line.get("price").decimalValue()));
            }
            assertThat(document.get("total").decimalValue())
                    .as("total of %s", document)
                    .isEqualByComparingTo(sum);
            assertThat(document.get("customer").isNull())
                    .as("customer of %s", document)
                    .isFalse();
        });
    }

    private static List<ObjectNode> emitted(Plan plan, String topic) {
        Map<String, Object> config = new HashMap<>(plan.kafkaClient());
        config.put("isolation.level", "read_committed");
        config.put("key.deserializer", ByteArrayDeserializer.class);
        config.put("value.deserializer", ByteArrayDeserializer.class);
        List<ObjectNode> documents = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.value() != null) {
                        documents.add(Json.parseObject(new String(record.value(), StandardCharsets.UTF_8)));
                    }
                }
            }
        }
        return documents;
    }
}
