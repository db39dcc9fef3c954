package io.tidemark.projections.internal.writing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.TransactionalWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.TidemarkFollower;
import io.tidemark.testkit.SharedStack;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MirrorDeliveryIT {

    private static final AtomicInteger PREFIXES = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TableId TABLE = TableId.parse("public.rows");
    private static final int PARTITIONS = 3;
    private static final int ROW_BYTES = 20_000;
    /** Three times what a delivery keeps in memory. */
    private static final int LARGE = 5_000;

    /** Holds positions by key, as a store with transactions would. */
    private static final class Warehouse implements TransactionalWriter {

        private final Map<RowKey, Version> committed = new ConcurrentHashMap<>();
        private final AtomicLong claimed = new AtomicLong();
        private final AtomicInteger largestBatch = new AtomicInteger();
        private final AtomicInteger asOne = new AtomicInteger();
        private final AtomicInteger toFail = new AtomicInteger();
        private final AtomicInteger failed = new AtomicInteger();
        private final CountDownLatch held = new CountDownLatch(1);
        private final List<Version> versions = new CopyOnWriteArrayList<>();
        private final AtomicLong wholeFrom = new AtomicLong(-1);
        private final AtomicInteger saidWhole = new AtomicInteger();
        private final List<Relation> described = new CopyOnWriteArrayList<>();

        @Override
        public void open() {
            // A map is always there.
        }

        @Override
        public List<AppliedTidemark> claims() {
            return List.of(new AppliedTidemark(0, new TidemarkRef(claimed.get(), new Lsn(claimed.get()))));
        }

        @Override
        public void forget(Set<Integer> partitions) {
            claimed.set(0);
        }

        @Override
        public void rejoin() {
            // One writer.
        }

        @Override
        public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
            largestBatch.accumulateAndGet(batch.size(), Math::max);
            batch.forEach(document -> committed.put(document.key(), document.version()));
            versions.addAll(batch.stream().map(Document::version).toList());
            claims.forEach(claim -> claimed.set(claim.tidemark().number()));
            return Collections.nCopies(batch.size(), WriteOutcome.applied());
        }

        @Override
        public WriteOutcome writeAsOne(Iterator<List<Document>> batches, List<AppliedTidemark> claims) {
            Map<RowKey, Version> transaction = new ConcurrentHashMap<>();
            List<Version> written = new ArrayList<>();
            while (batches.hasNext()) {
                List<Document> batch = batches.next();
                written.addAll(batch.stream().map(Document::version).toList());
                largestBatch.accumulateAndGet(batch.size(), Math::max);
                batch.forEach(document ->
                        transaction.merge(document.key(), document.version(), (a, b) -> a.compareTo(b) > 0 ? a : b));
                if (transaction.size() > LARGE / 2 && toFail.getAndDecrement() > 0) {
                    failed.incrementAndGet();
                    return new WriteOutcome.Retriable("as the test has it");
                }
            }
            asOne.incrementAndGet();
            committed.putAll(transaction);
            versions.addAll(written);
            claims.forEach(claim -> claimed.set(claim.tidemark().number()));
            return WriteOutcome.applied();
        }

        @Override
        public void describe(List<Relation> relations) {
            described.addAll(relations);
        }

        @Override
        public void wholeFrom(long position, Instant time) {
            wholeFrom.set(position);
            saidWhole.incrementAndGet();
        }

        @Override
        public void close() {
            held.countDown();
        }
    }

    private final Topics topics = new Topics("mirrored" + PREFIXES.incrementAndGet());
    private final Warehouse warehouse = new Warehouse();
    private final long[] ends = new long[PARTITIONS];
    private KafkaProducer<byte[], byte[]> producer;
    private TidemarkFollower follower;
    private MirrorDelivery delivery;

    @BeforeEach
    void start() throws Exception {
        Map<String, String> client = client();
        try (Admin admin = Admin.create(Map.<String, Object>copyOf(client))) {
            admin.createTopics(List.of(
                            new NewTopic(topics.changes(TABLE), PARTITIONS, (short) 1),
                            new NewTopic(topics.relations(), 1, (short) 1),
                            new NewTopic(topics.tidemarks(), 1, (short) 1)))
                    .all()
                    .get();
        }
        // One at a time: a topic just made may refuse the first request and take the second, and then never the first.
        producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        SharedStack.kafka().bootstrapServers(),
                        "max.in.flight.requests.per.connection",
                        1),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        follower = new TidemarkFollower(client, topics);
        delivery = delivery(TidemarkRef.NONE, null);
    }

    private static Map<String, String> client() {
        return Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers());
    }

    private MirrorDelivery delivery(TidemarkRef stored, @Nullable KeptVersions kept) {
        return new MirrorDelivery(
                "test",
                List.of(TABLE),
                topics,
                PARTITIONS,
                ConsumerConfigs.inGroup(client(), topics.prefix()),
                warehouse,
                () -> stored,
                new AppliedTidemarks(1, tidemark -> {}),
                follower,
                kept);
    }

    private KeptVersions kept() {
        return new KeptVersions(client(), List.of(TABLE), topics);
    }

    /** How long the topic keeps every version. */
    private void keepFor(Duration lag) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, topics.changes(TABLE));
        AlterConfigOp set = new AlterConfigOp(
                new ConfigEntry("min.compaction.lag.ms", Long.toString(lag.toMillis())), AlterConfigOp.OpType.SET);
        try (Admin admin = Admin.create(Map.<String, Object>copyOf(client()))) {
            admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get();
        }
    }

    @AfterEach
    void close() {
        delivery.close();
        follower.close();
        producer.close();
    }

    @Test
    void a_transaction_larger_than_memory_is_written_as_one_while_it_is_read() {
        send(1, 10);
        mark(1);
        begin();
        awaitClaim(1);
        assertThat(warehouse.committed).hasSize(10);

        warehouse.toFail.set(2);
        send(2, LARGE);
        // Capture has sent all of it but for the tidemark: the delivery must neither write nor read on without end.
        await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> warehouse.committed.size() == 10);
        mark(2);
        send(3, 20);
        mark(3);

        awaitClaim(3);
        assertThat(warehouse.failed).as("attempts that were taken back").hasValue(2);
        assertThat(delivery.recordsRead()).as("each once").isEqualTo(10 + LARGE + 20);
        assertThat(warehouse.asOne).hasValue(1);
        assertThat(warehouse.largestBatch).hasValueLessThan(LARGE / 4);
        assertThat(warehouse.committed).hasSize(LARGE);
        assertThat(positionsOf(0, 20)).containsOnly(3L);
        assertThat(positionsOf(20, LARGE)).containsOnly(2L);
        assertThat(delivery.ended()).isNotDone();
    }

    @Test
    void descriptions_are_given_with_the_tidemark_that_covers_them_which_waits_for_them() {
        describe(1, 1);
        send(1, 3);
        mark(1, 1);
        begin();
        awaitClaim(1);
        assertThat(warehouse.described).extracting(Relation::version).containsExactly(1);

        send(2, 3);
        mark(2, 2);
        await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> warehouse.claimed.get() == 1);
        describe(2, 2);
        describe(3, 3);
        awaitClaim(2);
        assertThat(warehouse.described.get(warehouse.described.size() - 1).version())
                .isEqualTo(2);

        send(3, 3);
        mark(3, 3);
        awaitClaim(3);
        assertThat(warehouse.described.get(warehouse.described.size() - 1).version())
                .isEqualTo(3);
    }

    @Test
    void of_a_time_whose_descriptions_are_forgotten_no_tidemark_is_applied() {
        describe(3, 3);
        send(2, 3);
        mark(2, 1);
        delivery = delivery(new TidemarkRef(1, new Lsn(1)), null);
        begin();
        await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> warehouse.claimed.get() == 0);
        send(3, LARGE);
        await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> warehouse.claimed.get() == 0);
        mark(3, 1);
        awaitClaim(3);
        assertThat(warehouse.committed).hasSize(LARGE);
        assertThat(warehouse.described).extracting(Relation::version).containsOnly(3);
    }

    private void describe(int version, long position) {
        Relation relation = new Relation(
                        TABLE, List.of(new Column("id", "integer", 23, false)), List.of("id"), List.of(), version)
                .describing(new Version(position, 0), new Version(0, 0));
        var unused = producer.send(new ProducerRecord<>(
                topics.relations(),
                0,
                TABLE.toString().getBytes(StandardCharsets.UTF_8),
                Json.bytes(relation.toJson())));
        producer.flush();
    }

    @Test
    void many_small_tidemarks_behind_each_other_are_applied_in_memory() {
        send(1, 1);
        mark(1);
        begin();
        awaitClaim(1);
        for (int number = 2; number < 202; number++) {
            send(number, LARGE / 100);
            mark(number);
        }
        awaitClaim(201);
        assertThat(warehouse.asOne).hasValue(0);
        assertThat(positionsOf(0, LARGE / 100)).containsOnly(201L);
    }

    @Test
    void a_large_table_is_filled_as_it_comes_and_claimed_at_its_end() {
        send(1, LARGE);
        mark(1);
        send(2, LARGE);
        begin();
        awaitClaim(1);
        mark(2);
        awaitClaim(2);
        assertThat(positionsOf(0, LARGE)).containsOnly(2L);
        assertThat(warehouse.largestBatch).hasValueLessThan(LARGE);
    }

    @Test
    void with_a_history_every_version_is_written_in_order_while_filling_and_larger_than_memory() throws Exception {
        keepFor(Duration.ofDays(7));
        delivery = delivery(TidemarkRef.NONE, kept());
        for (int position = 1; position <= 40; position++) {
            send(position, LARGE / 20);
            mark(position);
        }
        begin();
        awaitClaim(40);
        assertThat(warehouse.wholeFrom).as("all is in the topics").hasValue(1);
        assertThat(warehouse.asOne).hasValue(0);

        warehouse.toFail.set(1);
        int many = LARGE * 6 / 10;
        send(41, many);
        send(42, many);
        mark(42);
        awaitClaim(42);

        assertThat(warehouse.failed).as("attempts that were taken back").hasValue(1);
        assertThat(warehouse.asOne).hasValue(1);
        assertThat(warehouse.largestBatch).hasValueLessThan(LARGE);
        assertThat(warehouse.versions)
                .hasSize(40 * (LARGE / 20) + 2 * many)
                .isSorted()
                .doesNotHaveDuplicates();

        send(43, 3);
        mark(43);
        awaitClaim(43);
        assertThat(warehouse.saidWhole).as("once, since nothing was lost").hasValue(1);
        assertThat(warehouse.wholeFrom).hasValue(1);
    }

    @Test
    void a_history_that_goes_on_after_what_the_topics_may_have_forgotten_says_so() throws Exception {
        send(1, 3);
        mark(1);
        send(2, 3);
        mark(2);
        TidemarkRef claimed = new TidemarkRef(1, new Lsn(1));

        keepFor(Duration.ofDays(7));
        delivery = delivery(claimed, kept());
        begin();
        awaitClaim(2);
        assertThat(warehouse.versions).as("what was claimed comes no more").hasSize(3);
        assertThat(warehouse.wholeFrom).as("nothing was lost").hasValue(-1);

        delivery.close();
        keepFor(Duration.ZERO);
        delivery = delivery(claimed, kept());
        delivery.start();
        await().atMost(PATIENCE).until(() -> warehouse.wholeFrom.get() == 2);
    }

    private void begin() {
        follower.start();
        delivery.start();
    }

    private void awaitClaim(long number) {
        await().atMost(PATIENCE).until(() -> {
            if (delivery.ended().isDone()) {
                delivery.ended().join();
            }
            return warehouse.claimed.get() == number;
        });
    }

    private List<Long> positionsOf(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(id -> warehouse.committed.get(key(id)).position())
                .toList();
    }

    private static RowKey key(int id) {
        return new RowKey("{\"id\":" + id + "}");
    }

    /** One transaction that writes rows 0 up to a number of them. */
    private void send(long position, int rows) {
        byte[] value = ("{\"op\":\"c\",\"ts_ms\":7,\"after\":{\"text\":\"" + "x".repeat(ROW_BYTES) + "\"}}")
                .getBytes(StandardCharsets.UTF_8);
        for (int id = 0; id < rows; id++) {
            int partition = id % PARTITIONS;
            var change = new ProducerRecord<>(topics.changes(TABLE), partition, key(id).encode(), value);
            change.headers().add(Version.HEADER, new Version(position, id).encode());
            var unused = producer.send(change);
            ends[partition]++;
        }
    }

    private void mark(long number) {
        mark(number, 0);
    }

    private void mark(long number, long relationsEnd) {
        List<Long> offsets = java.util.Arrays.stream(ends).boxed().toList();
        Tidemark tidemark = new Tidemark(
                number,
                new Lsn(number),
                true,
                Map.of(topics.changes(TABLE), offsets, topics.relations(), List.of(relationsEnd)),
                List.of());
        var unused = producer.send(new ProducerRecord<>(
                topics.tidemarks(), 0, "\"tidemark\"".getBytes(StandardCharsets.UTF_8), Json.bytes(tidemark.toJson())));
        producer.flush();
    }
}
