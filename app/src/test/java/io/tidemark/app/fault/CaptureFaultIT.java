package io.tidemark.app.fault;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.app.MainProcess;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.PlanReader;
import io.tidemark.capture.CaptureProof;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.CapturedState;
import io.tidemark.capture.SnapshotRequests;
import io.tidemark.localstack.KafkaBroker;
import io.tidemark.localstack.LocalStack;
import io.tidemark.localstack.ServerKind;
import io.tidemark.localstack.StackPlan;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tidemark capture} while everything around it, and itself, is killed. The judge is the source's own SQL. */
class CaptureFaultIT {

    private static final long SEED = Long.getLong("tidemark.crash.seed", System.nanoTime());
    private static final int KILLS = Integer.getInteger("tidemark.crash.kills", 3) * 2;

    private static final Path POSTGRES_LOG = Path.of("target", "postgres-of-capture-fault.log");

    private static final TableId ACCOUNTS = TableId.parse("public.accounts");
    private static final TableId ENTRIES = TableId.parse("public.entries");
    private static final Map<TableId, List<String>> KEYS =
            Map.of(ACCOUNTS, List.of("id"), ENTRIES, List.of("account_id", "no"));

    @TempDir
    private Path directory;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<MainProcess> captures = new ArrayList<>();
    private LocalStack stack;
    private CaptureSettings settings;
    private Path config;

    @BeforeEach
    void startServers() throws Exception {
        System.out.println("seed " + SEED);
        stack = LocalStack.start(StackPlan.builder(ServerKind.POSTGRES, ServerKind.KAFKA)
                .brokers(3)
                .heapMegabytes(ServerKind.KAFKA, 300)
                .setting(ServerKind.POSTGRES, "wal_sender_timeout", "3s")
                .setting(ServerKind.POSTGRES, "log_replication_commands", "on")
                .build());
        stack.postgres().createDatabase("ledger");
        execute(LedgerTraffic.SCHEMA);
        config = directory.resolve("tidemark.yml");
        Files.writeString(config, """
                source: {url: "%s", user: "%s", password: "%s", tables: [public.*]}
                kafka: {bootstrap.servers: "%s", prefix: ledger, partitions: 3}
                """.formatted(
                        stack.postgres().jdbcUrl("ledger"),
                        stack.postgres().superuser(),
                        stack.postgres().password(),
                        stack.kafka().bootstrapServers()));
        settings = PlanReader.read(TidemarkConfig.load(config)).capture();
    }

    @AfterEach
    void endAll() throws Exception {
        for (MainProcess capture : captures) {
            capture.kill();
        }
        try {
            // For whoever looks for the cause of a failure: the stack's own goes with it.
            Files.copy(stack.postgres().logFile(), POSTGRES_LOG, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            stack.close();
        }
    }

    @Test
    void whatever_is_killed_every_transaction_is_there_once_and_every_cut_equals_the_source() throws Exception {
        LedgerTraffic traffic = new LedgerTraffic(this::source, 2 + KILLS / 4);
        traffic.start(SEED);
        MainProcess capture = capture();
        capture.awaitSaying("capturing");
        SourceDumps dumps = new SourceDumps(KEYS);
        for (int kill = 0; kill < KILLS; kill++) {
            capture.runFor(random.nextInt(200, 2500));
            dump(dumps);
            readAgain();
            if (kill % 2 == 1) {
                crash(kill);
            }
            requireAliveUnlessItWasStarting(capture);
            capture.kill();
            capture = capture();
        }
        capture.runFor(1000);
        dump(dumps);
        assertThat(traffic.stop()).as("transactions committed").isGreaterThan(20 * KILLS);
        capture.awaitSaying("capturing");
        awaitTidemark(token(), capture);

        CaptureProof proof = CaptureProof.of(settings);
        assertThat(proof.whole()).as("seed %s: %s", SEED, proof.text()).isTrue();
        System.out.println(proof.text());
        assertEveryDumpIsACut(dumps);
        assertEverythingIsTheSource();
        assertThat(dumps.all()).hasSizeGreaterThan(KILLS / 2);
    }

    @Test
    void a_capture_that_was_paused_while_another_took_over_writes_nothing_more() throws Exception {
        MainProcess first = capture();
        first.awaitSaying("capturing");
        LedgerTraffic traffic = new LedgerTraffic(this::source, 1);
        traffic.start(SEED);
        first.runFor(1500);
        first.pause();
        MainProcess second = capture();
        second.awaitSaying("capturing");
        second.runFor(1000);
        first.resume();
        // It finds itself fenced and ends, or its connection gone and stands by.
        first.awaitSayingOrEnd("Capture waits and starts again from the slot");
        traffic.stop();
        awaitTidemark(token(), second);

        CaptureProof proof = CaptureProof.of(settings);
        assertThat(proof.whole()).as("seed %s: %s", SEED, proof.text()).isTrue();
        SourceDumps now = new SourceDumps(KEYS);
        try (Connection connection = source()) {
            now.take(connection);
        }
        assertEveryDumpIsACut(now);
    }

    /** Who captures waits for a server that is away; who starts says that it is away, and ends. */
    private static void requireAliveUnlessItWasStarting(MainProcess capture) throws InterruptedException {
        if (capture.said().contains("capturing")) {
            capture.requireAlive();
        } else if (!capture.isAlive()) {
            assertThat(capture.awaitEnd()).as(capture.said()).isEqualTo(3);
        }
    }

    private MainProcess capture() throws Exception {
        MainProcess started = MainProcess.start(directory, "capture", "-c", config.toString());
        captures.add(started);
        return started;
    }

    /** Takes a server away and gives it back, a different one each time. */
    private void crash(int kill) {
        switch (kill / 2 % 3) {
            case 0 -> {
                List<KafkaBroker> brokers = stack.kafka().brokers();
                KafkaBroker broker = brokers.get(random.nextInt(brokers.size()));
                broker.kill();
                broker.restart();
            }
            case 1 -> stack.postgres().restart();
            default -> {
                stack.postgres().kill();
                stack.postgres().restart();
            }
        }
    }

    /** Has a table read again while it is written to, and while capture is killed. */
    private void readAgain() {
        TableId table = settings.tables().get(random.nextInt(settings.tables().size()));
        try {
            SnapshotRequests.ask(settings.source(), table);
        } catch (TidemarkException e) {
            System.out.println("no wish this time: " + e.getMessage());
        }
    }

    private void dump(SourceDumps dumps) {
        try (Connection connection = source()) {
            dumps.take(connection);
        } catch (SQLException e) {
            System.out.println("no dump this time: " + e.getMessage());
        }
    }

    private void awaitTidemark(Lsn token, MainProcess capture) {
        Awaitility.await("a tidemark at " + token)
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> !capture.isAlive()
                        || CapturedState.read(settings.kafkaClient(), settings.topics())
                                        .orElseThrow()
                                        .tidemark()
                                        .lsn()
                                        .compareTo(token)
                                >= 0);
        capture.requireAlive();
    }

    /** What a transaction of the source saw is what the topics hold of the transactions it saw. */
    private void assertEveryDumpIsACut(SourceDumps dumps) throws SQLException {
        Map<Long, Long> xidByPosition = new HashMap<>();
        List<Tidemark> tidemarks = read(settings.topics().tidemarks()).stream()
                .map(record -> Tidemark.fromJson(Json.parse(record.value())))
                .toList();
        for (Tidemark tidemark : tidemarks) {
            tidemark.transactions().forEach(each -> xidByPosition.put(each.position(), each.xid()));
        }
        long first = tidemarks.get(0).number();
        Map<TableId, List<Captured>> changes = new HashMap<>();
        for (TableId table : KEYS.keySet()) {
            changes.put(table, captured(table));
        }
        for (SourceDumps.Dump dump : dumps.all()) {
            Set<Long> visible;
            try (Connection connection = source()) {
                visible = SourceDumps.visible(connection, dump.snapshot(), xidByPosition.values());
                visible.remove(0L);
            }
            for (TableId table : KEYS.keySet()) {
                Map<Integer, Map<String, JsonNode>> cut = new HashMap<>();
                for (Captured change : changes.get(table)) {
                    long position = change.position();
                    // What capture read by itself later (xid 0) is what other transactions wrote.
                    if (position <= first || visible.contains(xidByPosition.getOrDefault(position, 0L))) {
                        apply(cut.computeIfAbsent(change.partition(), partition -> new TreeMap<>()), change);
                    }
                }
                Map<String, JsonNode> rows = new TreeMap<>();
                cut.values().forEach(rows::putAll);
                assertSame(table, dump, rows);
            }
        }
    }

    /** All of the topics, with what was read again, is what the source holds now. */
    private void assertEverythingIsTheSource() throws SQLException {
        SourceDumps now = new SourceDumps(KEYS);
        try (Connection connection = source()) {
            now.take(connection);
        }
        long readAgain = 0;
        for (TableId table : KEYS.keySet()) {
            Map<Integer, Map<String, JsonNode>> partitions = new HashMap<>();
            for (Captured change : captured(table)) {
                apply(partitions.computeIfAbsent(change.partition(), partition -> new TreeMap<>()), change);
                readAgain += change.operation().equals("r") ? 1 : 0;
            }
            Map<String, JsonNode> rows = new TreeMap<>();
            partitions.values().forEach(rows::putAll);
            assertSame(table, now.all().get(0), rows);
        }
        assertThat(readAgain).as("rows read by snapshots").isPositive();
    }

    /** What a record of a change topic says; a tombstone's operation is empty. */
    private record Captured(
            int partition,
            String key,
            long position,
            String operation,
            @Nullable JsonNode after) {}

    private List<Captured> captured(TableId table) {
        return read(settings.topics().changes(table)).stream()
                .map(CaptureFaultIT::captured)
                .toList();
    }

    private static Captured captured(ConsumerRecord<byte[], byte[]> record) {
        String key = new String(record.key(), java.nio.charset.StandardCharsets.UTF_8);
        long position = Version.decode(
                        record.headers().lastHeader(Version.HEADER).value())
                .position();
        if (record.value() == null) {
            return new Captured(record.partition(), key, position, "", null);
        }
        JsonNode change = Json.parse(record.value());
        return new Captured(record.partition(), key, position, change.get("op").textValue(), change.get("after"));
    }

    /** Applies a change to the rows of its partition, which a truncate ends. */
    private static void apply(Map<String, JsonNode> rows, Captured change) {
        switch (change.operation()) {
            case "" -> rows.remove(change.key());
            case "t" -> rows.clear();
            case "d" -> {}
            default -> rows.put(change.key(), change.after());
        }
    }

    private static void assertSame(TableId table, SourceDumps.Dump dump, Map<String, JsonNode> cut) {
        Map<String, JsonNode> rows = dump.rows().get(table);
        String where = "seed " + SEED + ", " + table + " at " + dump.snapshot();
        assertThat(cut.keySet()).as(where).isEqualTo(rows.keySet());
        rows.forEach((key, row) -> assertThat(Json.same(row, cut.get(key)))
                .as("%s, %s: %s but captured %s", where, key, row, cut.get(key))
                .isTrue());
    }

    private List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        Map<String, Object> client = new HashMap<>(settings.kafkaClient());
        client.put("isolation.level", "read_committed");
        // Closing waits for the fetch under way.
        client.put("fetch.max.wait.ms", 20);
        client.put("key.deserializer", ByteArrayDeserializer.class);
        client.put("value.deserializer", ByteArrayDeserializer.class);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(client)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    private Lsn token() throws SQLException {
        try (Connection connection = source();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            row.next();
            return Lsn.parse(row.getString(1));
        }
    }

    private Connection source() throws SQLException {
        return stack.postgres().connect("ledger");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = source();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
