package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.PlanReader;
import io.tidemark.capture.SlotGuard;
import io.tidemark.localstack.LocalStack;
import io.tidemark.localstack.PostgresServer;
import io.tidemark.localstack.ServerKind;
import io.tidemark.localstack.StackPlan;
import io.tidemark.model.Json;
import io.tidemark.testkit.SharedStack;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sources that are broken in one way each: the doctor finds it, and what the doctor says mends it. */
@Timeout(120)
class DoctorIT {

    private static final String ORDERS = "CREATE TABLE orders (id int PRIMARY KEY, status varchar(5))";
    private static final long MEGABYTE = 1 << 20;

    @TempDir
    private Path directory;

    private DoctorSource source() throws SQLException {
        return new DoctorSource(directory, SharedStack.postgres());
    }

    private static List<String> what(List<JsonNode> findings) {
        return findings.stream()
                .map(finding -> finding.required("what").textValue())
                .toList();
    }

    private static List<String> sql(List<JsonNode> findings) {
        return findings.stream()
                .flatMap(finding -> finding.required("sql").valueStream())
                .map(JsonNode::textValue)
                .toList();
    }

    @Test
    void a_source_in_order_is_said_to_be_so() throws Exception {
        DoctorSource source = source().sql(ORDERS);
        assertThat(source.run("doctor")).as(source.err + "" + source.out).isZero();
        assertThat(source.err.toString()).isEmpty();
        assertThat(source.out.toString())
                .contains("ok       server: PostgreSQL ", "wal_level is logical", "ok       kafka: 1 broker")
                .contains("reads every captured table, 1 in all", "the first run makes it", "0 errors")
                .doesNotContain("error  ");
        assertThat(source.run("doctor", "--json")).isZero();
        JsonNode json = Json.parse(source.out.toString());
        assertThat(json.required("errors").intValue()).isZero();
        assertThat(json.required("kafka").textValue()).isEqualTo("1 broker");
    }

    @Test
    void tables_that_cannot_be_captured_are_mended_by_what_the_doctor_says() throws Exception {
        DoctorSource source = source().sql("""
                CREATE TABLE no_key (id int NOT NULL UNIQUE, status varchar(5));
                CREATE TABLE nothing_unique (status varchar(5));
                CREATE TABLE swaps (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);
                CREATE TABLE anonymous (id int PRIMARY KEY);
                ALTER TABLE anonymous REPLICA IDENTITY NOTHING;
                CREATE TABLE misnamed (id int PRIMARY KEY, code int NOT NULL UNIQUE);
                ALTER TABLE misnamed REPLICA IDENTITY USING INDEX misnamed_code_key;
                CREATE TABLE named (id int PRIMARY KEY);
                ALTER TABLE named REPLICA IDENTITY USING INDEX named_pkey;
                CREATE TABLE boxes (id int PRIMARY KEY, "Size" pg_node_tree);
                CREATE TABLE parent (id int PRIMARY KEY);
                CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);
                CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE UNLOGGED TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
                """);
        assertThat(source.run("doctor", "--json")).isEqualTo(1);
        List<JsonNode> errors = source.findings("error");
        assertThat(what(errors))
                .containsExactlyInAnyOrder(
                        "public.no_key has no primary key",
                        "public.nothing_unique has no primary key, and no columns that are known to be unique",
                        "the primary key of public.swaps is DEFERRABLE",
                        "deletes in public.anonymous do not say which row: its replica identity is NOTHING",
                        "deletes in public.misnamed do not say which row: its replica identity is an index that is not"
                                + " its primary key",
                        "Column 'Size' of public.boxes has type pg_node_tree, which this version does not capture: type"
                                + " pg_node_tree is internal to the server, or newer than this version knows",
                        "public.child inherits from public.parent",
                        "partition public.parts_1 of public.parts is unlogged");
        assertThat(sql(errors))
                .contains(
                        "ALTER TABLE \"public\".\"no_key\" ADD PRIMARY KEY (id);",
                        "ALTER TABLE \"public\".\"swaps\" DROP CONSTRAINT swaps_pkey, ADD CONSTRAINT swaps_pkey PRIMARY"
                                + " KEY (id);",
                        "ALTER TABLE \"public\".\"anonymous\" REPLICA IDENTITY DEFAULT;",
                        "ALTER TABLE \"public\".\"parts_1\" SET LOGGED;");
        assertThat(source.run("check")).as("check does not disagree").isEqualTo(2);

        source.mend(errors);

        assertThat(source.findings("error")).isEmpty();
        assertThat(source.run("check")).as(source.err.toString()).isZero();
    }

    @Test
    void tables_that_bite_later_are_warnings() throws Exception {
        DoctorSource source = source().sql("""
                CREATE TABLE notes (id int PRIMARY KEY, title varchar(4), body text, tags jsonb,
                                    words int GENERATED ALWAYS AS (length(body)) STORED);
                CREATE TABLE short (id int PRIMARY KEY, a varchar(20), b varchar(20), amount numeric);
                CREATE TABLE whole (id int PRIMARY KEY, body text);
                ALTER TABLE whole REPLICA IDENTITY FULL;
                CREATE TABLE logs (id int PRIMARY KEY, body text) PARTITION BY RANGE (id);
                CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10);
                CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (10) TO (20);
                CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY);
                ALTER TABLE notes ALTER COLUMN body SET STORAGE EXTERNAL;
                INSERT INTO notes VALUES (1, 'x', repeat('long', 1000), '{}');
                """);
        assertThat(source.run("doctor", "--json")).isZero();
        assertThat(source.findings("info"))
                .anySatisfy(info ->
                        assertThat(info.required("what").textValue()).contains("columns of public.notes: words"))
                .anySatisfy(info -> assertThat(info.required("what").textValue())
                        .contains("public.logs is captured with all its partitions"));
        List<JsonNode> warnings = source.findings("warning");
        warnings.removeIf(finding -> finding.required("subject").textValue().equals("server"));
        assertThat(what(warnings))
                .hasSize(3)
                .anySatisfy(what -> assertThat(what)
                        .matches("values of body, tags in public.notes are stored out of line \\(.*B now\\)"))
                .anySatisfy(what -> assertThat(what).contains("values of body in public.logs will be stored"))
                .anySatisfy(what -> assertThat(what).contains("public.scratch matches source.tables but is unlogged"));
        assertThat(sql(warnings))
                .filteredOn(sql -> !sql.contains("tidemark_whole_"))
                .containsExactlyInAnyOrder(
                        "ALTER TABLE public.logs_1 REPLICA IDENTITY FULL;",
                        "ALTER TABLE public.logs_2 REPLICA IDENTITY FULL;",
                        "ALTER TABLE \"public\".\"scratch\" SET LOGGED;");

        source.mend(warnings);

        assertThat(DoctorSource.codes(source.findings("warning"))).doesNotContain("toast", "not-in-wal");
    }

    @Test
    void a_publication_that_leaves_something_out_is_mended_by_what_the_doctor_says() throws Exception {
        DoctorSource source = source().sql(ORDERS, """
                CREATE TABLE lines (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);
                CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10);
                CREATE TABLE customers (id int PRIMARY KEY);
                """);
        String name = source.name();
        source.sql("CREATE PUBLICATION " + name + " FOR TABLE orders WHERE (id > 5), lines (id), logs"
                + " WITH (publish = 'insert', publish_generated_columns = stored)");
        List<JsonNode> errors = source.findings("error");
        assertThat(DoctorSource.codes(errors))
                .containsExactlyInAnyOrder(
                        "publication-tables",
                        "publication-root",
                        "publication-operations",
                        "publication-generated",
                        "publication-filter");
        assertThat(sql(errors))
                .contains(
                        "ALTER PUBLICATION " + name + " ADD TABLE \"public\".\"customers\";",
                        "ALTER PUBLICATION " + name + " SET (publish = 'insert, update, delete, truncate');",
                        "ALTER PUBLICATION " + name + " SET (publish_via_partition_root = true);");

        source.mend(errors);

        assertThat(source.findings("error")).isEmpty();
    }

    @Test
    void a_role_is_told_every_right_it_lacks_and_has_them_after_what_the_doctor_says() throws Exception {
        DoctorSource source = source().sql(ORDERS, """
                CREATE SCHEMA private;
                CREATE TABLE guarded (id int PRIMARY KEY);
                ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
                CREATE POLICY a_few ON guarded USING (id > 5);
                CREATE TABLE strict (id int PRIMARY KEY);
                ALTER TABLE strict ENABLE ROW LEVEL SECURITY;
                CREATE POLICY all_rows ON strict USING (true);
                CREATE POLICY not_all ON strict AS RESTRICTIVE USING (id > 5);
                CREATE TABLE open (id int PRIMARY KEY);
                ALTER TABLE open ENABLE ROW LEVEL SECURITY;
                CREATE POLICY all_rows ON open USING (true);
                """);
        String role = "Role " + source.name();
        source.sql(
                "CREATE ROLE \"" + role + "\" LOGIN PASSWORD 'postgres'",
                "GRANT SELECT ON guarded, strict, open TO \"" + role + "\"",
                "REVOKE USAGE ON SCHEMA public FROM PUBLIC",
                "REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text, boolean) FROM PUBLIC");
        source.as(role);
        List<JsonNode> errors = source.findings("error");
        assertThat(DoctorSource.codes(errors))
                .containsExactlyInAnyOrder(
                        "role-replication", "role-messages", "role-reads", "publication", "row-security");
        assertThat(sql(errors))
                .contains(
                        "ALTER ROLE \"" + role + "\" REPLICATION;",
                        "GRANT USAGE ON SCHEMA \"public\" TO \"" + role + "\";",
                        "GRANT SELECT ON TABLE \"public\".\"orders\" TO \"" + role + "\";",
                        "ALTER ROLE \"" + role + "\" BYPASSRLS;",
                        "CREATE POLICY tidemark_reads ON \"public\".\"guarded\" FOR SELECT TO \"" + role
                                + "\" USING (true);");

        source.mend(errors);

        assertThat(source.findings("error")).isEmpty();
        List<JsonNode> infos = source.findings("info");
        assertThat(DoctorSource.codes(infos)).contains("role-statistics");
        source.mend(infos);
        assertThat(DoctorSource.codes(source.findings("info"))).doesNotContain("role-statistics");
    }

    @Test
    void the_role_that_the_script_makes_lacks_nothing() throws Exception {
        DoctorSource source = source().sql(ORDERS, """
                CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10);
                REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text, boolean) FROM PUBLIC;
                """);
        String role = "reader_" + source.name();
        try (Connection connection = source.connect()) {
            RoleScript.run(connection, Map.of("role", role, "schema", "public", "publication", source.name()));
        }
        source.sql("ALTER ROLE " + role + " PASSWORD 'postgres'").as(role);
        assertThat(source.run("doctor")).as(source.out.toString()).isZero();
        assertThat(source.out.toString())
                .contains("reads every captured table, 2 in all", "holds every captured table, 2 in all");
        assertThat(source.run("check")).as(source.err.toString()).isZero();
    }

    @Test
    void a_session_left_open_is_found_and_ended() throws Exception {
        DoctorSource source = source().sql(ORDERS);
        try (Connection forgotten = source.connect();
                Statement statement = forgotten.createStatement()) {
            forgotten.setAutoCommit(false);
            statement.execute("INSERT INTO orders VALUES (1, 'new')");
            long pid = pid(statement);
            List<JsonNode> found = Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(
                            () -> source.findings("warning").stream()
                                    .filter(finding -> finding.required("subject")
                                            .textValue()
                                            .equals("session " + pid))
                                    .toList(),
                            each -> !each.isEmpty());
            assertThat(sql(found)).containsExactly("SELECT pg_terminate_backend(" + pid + ");");
            source.mend(found);
        }
        assertThat(DoctorSource.codes(source.findings("warning"))).doesNotContain("open-transaction");
    }

    private static long pid(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void a_server_is_told_each_setting_that_stands_in_the_way() throws Exception {
        StackPlan plan = StackPlan.builder(ServerKind.POSTGRES)
                .setting(ServerKind.POSTGRES, "wal_level", "replica")
                .setting(ServerKind.POSTGRES, "max_wal_senders", "0")
                .setting(ServerKind.POSTGRES, "max_replication_slots", "1")
                .setting(ServerKind.POSTGRES, "wal_sender_timeout", "5s")
                .setting(ServerKind.POSTGRES, "idle_replication_slot_timeout", "1min")
                .setting(ServerKind.POSTGRES, "max_prepared_transactions", "2")
                .build();
        try (LocalStack stack = LocalStack.start(plan)) {
            PostgresServer server = stack.postgres();
            DoctorSource source = new DoctorSource(directory, server).sql(ORDERS);
            source.sql(
                    "SELECT pg_create_physical_replication_slot('somebody')",
                    "BEGIN; INSERT INTO orders VALUES (1, 'new'); PREPARE TRANSACTION 'left''over'");
            List<JsonNode> errors = source.findings("error");
            assertThat(sql(errors))
                    .containsExactlyInAnyOrder(
                            "ALTER SYSTEM SET wal_level = logical;",
                            "ALTER SYSTEM SET max_wal_senders = 10;",
                            "ALTER SYSTEM SET max_replication_slots = 11;");
            List<JsonNode> warnings = source.findings("warning");
            assertThat(DoctorSource.codes(warnings))
                    .containsExactlyInAnyOrder(
                            "wal-sender-timeout", "idle-slot-timeout", "slot-wal-size", "prepared-transaction");
            source.mend(errors);
            source.mend(warnings);
            server.restart();
            assertThat(source.findings("error", "warning")).isEmpty();

            a_slot_that_the_server_gave_up_is_lost(source);

            Files.createFile(dataDirectory(source).resolve("standby.signal"));
            server.restart();
            assertThat(DoctorSource.codes(source.findings("error"))).containsExactly("standby");
            assertThat(source.run("check")).isEqualTo(2);
        }
    }

    private static void a_slot_that_the_server_gave_up_is_lost(DoctorSource source) throws Exception {
        source.sql(
                "SELECT pg_create_logical_replication_slot('" + source.name() + "', 'pgoutput')",
                "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'",
                "SELECT pg_reload_conf()");
        assertThat(source.findings("warning"))
                .anySatisfy(finding -> assertThat(finding.required("what").textValue())
                        .contains("max_slot_wal_keep_size is 1.0MB, less than source.retained-wal.limit (50.0GB)"));
        for (int segment = 0; segment < 4; segment++) {
            source.sql("SELECT pg_logical_emit_message(true, 'x', 'x')", "SELECT pg_switch_wal()");
        }
        source.sql("CHECKPOINT");
        List<JsonNode> errors = source.findings("error");
        assertThat(what(errors)).containsExactly("slot " + source.name() + " is invalidated (wal_removed)");
        assertThat(source.run("check")).as("what check says").isEqualTo(4);
        assertThat(source.run("status", "--json")).isEqualTo(4);
        JsonNode slot = Json.parse(source.out.toString()).required("slot");
        assertThat(slot.required("level").textValue()).isEqualTo("lost");
        assertThat(slot.required("invalidation_reason").textValue()).isEqualTo("wal_removed");
        source.mend(errors);
        assertThat(source.findings("error")).isEmpty();
    }

    private static Path dataDirectory(DoctorSource source) throws SQLException {
        try (Connection connection = source.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW data_directory")) {
            row.next();
            return Path.of(row.getString(1));
        }
    }

    @Test
    void a_slot_that_holds_back_wal_is_measured_and_crosses_its_bounds() throws Exception {
        DoctorSource source = source().sql(ORDERS).with("retained-wal: {warn: 4MB, limit: 12MB}");
        source.sql("SELECT pg_create_logical_replication_slot('" + source.name() + "', 'pgoutput')");
        List<String> said = new CopyOnWriteArrayList<>();
        try (SlotGuard guard = new SlotGuard(
                PlanReader.read(TidemarkConfig.load(source.file())).capture(), said::add)) {
            guard.start();
            JsonNode slot = slot(source, 0);
            assertThat(slot.required("level").textValue()).isEqualTo("ok");
            assertThat(slot.required("seconds_to_limit").longValue()).isPositive();

            writeWal(source, 5);
            slot = slot(source, 0);
            assertThat(slot.required("level").textValue()).isEqualTo("warn");
            assertThat(source.err.toString()).contains("more than source.retained-wal.warn (4.0MB)");
            assertThat(DoctorSource.codes(source.findings("warning"))).contains("slot-unread", "slot-wal");
            awaitSaid(said, "more than source.retained-wal.warn");

            writeWal(source, 10);
            slot = slot(source, 1);
            assertThat(slot.required("level").textValue()).isEqualTo("limit");
            assertThat(slot.required("seconds_to_limit").longValue()).isZero();
            assertThat(slot.required("safe_wal_bytes").isNull()).isTrue();
            awaitSaid(said, "more than source.retained-wal.limit (12.0MB)");

            source.sql("SELECT pg_drop_replication_slot('" + source.name() + "')");
            awaitSaid(said, "below source.retained-wal.warn");
        }
        assertThat(said).as("each crossing once").hasSize(3);
        assertThat(slot(source, 0).required("exists").booleanValue()).isFalse();
    }

    @Test
    void run_says_when_the_slot_holds_back_too_much_and_when_no_longer() throws Exception {
        DoctorSource source = source().sql(ORDERS).with("retained-wal: {warn: 4MB}");
        StringWriter said = new StringWriter();
        Thread run = source.startRun(said);
        try (Connection open = source.connect();
                Statement statement = open.createStatement()) {
            awaitSaid(said, "running:");
            open.setAutoCommit(false);
            statement.execute("INSERT INTO orders VALUES (1, 'new')");
            writeWal(source, 6);
            awaitSaid(said, "slot " + source.name() + " holds back 6");
            open.commit();
            // A slot's restart_lsn moves by a list of the running transactions, which the server writes now and then.
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                source.sql("SELECT pg_log_standby_snapshot()");
                return said.toString().contains("below source.retained-wal.warn (4.0MB)");
            });
        } finally {
            run.interrupt();
            run.join(Duration.ofSeconds(40).toMillis());
        }
        assertThat(run.isAlive()).isFalse();
        source.sql("SELECT pg_drop_replication_slot('" + source.name() + "')");
    }

    private static void awaitSaid(StringWriter said, String words) {
        Awaitility.await(words + " in " + said).atMost(Duration.ofSeconds(60)).until(() -> said.toString()
                .contains(words));
    }

    /** The slot as {@code status} has it, held against what the server says before and after. */
    private static JsonNode slot(DoctorSource source, int exitCode) throws Exception {
        String retained = "SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), 0)"
                + " FROM pg_replication_slots WHERE slot_name = '" + source.name() + "'";
        String unconfirmed = retained.replace("restart_lsn", "confirmed_flush_lsn");
        long retainedBefore = source.number(retained);
        long unconfirmedBefore = source.number(unconfirmed);
        assertThat(source.run("status", "--json")).as(source.err.toString()).isEqualTo(exitCode);
        JsonNode slot = Json.parse(source.out.toString()).required("slot");
        assertThat(slot.required("retained_bytes").longValue()).isBetween(retainedBefore, source.number(retained));
        assertThat(slot.required("unconfirmed_bytes").longValue())
                .isBetween(unconfirmedBefore, source.number(unconfirmed));
        return slot;
    }

    private static void writeWal(DoctorSource source, int megabytes) throws SQLException {
        // A heartbeat's prefix, which is not captured. The commit writes out what a message outside a transaction
        // leaves to
        // the WAL writer.
        source.sql(
                "SELECT pg_logical_emit_message(false, 'tidemark', repeat('x', " + megabytes * MEGABYTE + "))",
                "SELECT pg_logical_emit_message(true, 'x', 'x')");
    }

    private static void awaitSaid(List<String> said, String words) {
        Awaitility.await(words + " in " + said).atMost(Duration.ofSeconds(30)).until(() -> said.stream()
                .anyMatch(each -> each.contains(words)));
    }
}
