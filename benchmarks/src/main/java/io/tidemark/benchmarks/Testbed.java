package io.tidemark.benchmarks;

import io.tidemark.localstack.LocalStack;
import io.tidemark.localstack.ServerKind;
import io.tidemark.localstack.StackPlan;
import io.tidemark.model.Lsn;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;

/** The servers, the table and its traffic: the same for every contender. */
final class Testbed implements AutoCloseable {

    private static final String DATABASE = "bench";

    private static final String TABLE = """
            CREATE TABLE public.rows (id bigint PRIMARY KEY, customer integer NOT NULL, amount numeric(12,2) NOT NULL,
                placed_at timestamptz NOT NULL, status text NOT NULL, payload text NOT NULL)
            """;

    /** A row is about 140 bytes; what is appended to its payload, by {@code %s}, makes it wider. */
    private static final String INSERT = """
            INSERT INTO public.rows
            SELECT id, (id * 7919 %% 100000)::int, (id %% 1000000)::numeric / 100, now(),
                   (ARRAY['placed', 'paid', 'shipped'])[1 + id %% 3],
                   'row:' || lpad(id::text, 12, '0') || ':' || md5(id::text) || substr(md5((-id)::text), 1, 31)%s
            FROM generate_series(%s, %s) id
            """;

    private final LocalStack stack;
    private final Admin admin;
    private int lanes;

    private Testbed(LocalStack stack) {
        this.stack = stack;
        this.admin = Admin.create(Map.of("bootstrap.servers", stack.kafka().bootstrapServers()));
    }

    static Testbed start(Set<ServerKind> servers) {
        String recordBytes = Integer.toString(Lane.RECORD_BYTES);
        LocalStack stack = LocalStack.start(StackPlan.builder(ServerKind.POSTGRES, servers.toArray(ServerKind[]::new))
                .peakSpeed(true)
                .heapMegabytes(ServerKind.KAFKA, 1024)
                .heapMegabytes(ServerKind.ELASTICSEARCH, 1024)
                .setting(ServerKind.KAFKA, "message.max.bytes", recordBytes)
                .setting(ServerKind.POSTGRES, "max_replication_slots", "100")
                .setting(ServerKind.POSTGRES, "max_wal_size", "8GB")
                .setting(ServerKind.POSTGRES, "shared_buffers", "512MB")
                .build());
        try {
            Testbed testbed = new Testbed(stack);
            stack.postgres().createDatabase(DATABASE);
            testbed.execute(TABLE);
            testbed.execute("CREATE PUBLICATION " + Lane.PUBLICATION + " FOR TABLE public.rows");
            return testbed;
        } catch (RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    /** A lane that nobody has used yet. */
    Lane lane() {
        return new Lane(jdbcUrl(DATABASE), user(), password(), bootstrapServers(), "lane_" + ++lanes, 0);
    }

    Admin kafka() {
        return admin;
    }

    String jdbcUrl(String database) {
        return stack.postgres().jdbcUrl(database);
    }

    String user() {
        return stack.postgres().superuser();
    }

    String password() {
        return stack.postgres().password();
    }

    String bootstrapServers() {
        return stack.kafka().bootstrapServers();
    }

    void createDatabase(String database) {
        stack.postgres().createDatabase(database);
    }

    Connection connect(String database) throws SQLException {
        return stack.postgres().connect(database);
    }

    int postgresPort() {
        return stack.postgres().port();
    }

    String elasticsearchUrl() {
        return stack.elasticsearch().url();
    }

    String redisUrl() {
        return stack.redis().url();
    }

    /** A table in a schema that nobody has used yet. */
    SqlPlace sqlPlace(String name) {
        return new SqlPlace(jdbcUrl(DATABASE), user(), password(), name);
    }

    /** For logs and files of the processes under measure. */
    Path directory() {
        return stack.directory();
    }

    Connection connect() throws SQLException {
        return stack.postgres().connect(DATABASE);
    }

    void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refuses: " + e.getMessage() + ": " + sql, e);
        }
    }

    void createSlot(String name) {
        execute("SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
    }

    /** Waits until the server has noticed that the slot's reader is dead. */
    void dropSlot(String name) {
        execute("DO $$ BEGIN WHILE EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '" + name
                + "' AND active) LOOP PERFORM pg_sleep(0.05); END LOOP;"
                + " PERFORM pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '" + name
                + "'; END $$");
    }

    void emptyTable() {
        execute("TRUNCATE public.rows");
    }

    /** Writes the rows, each transaction committed by itself. */
    Backlog write(Shape shape, String appended) {
        String insert = INSERT.formatted(
                appended, "t * " + shape.rowsEach() + "::bigint + 1", "(t + 1) * " + shape.rowsEach() + "::bigint");
        execute("DO $$ BEGIN FOR t IN 0.." + (shape.transactions() - 1) + " LOOP " + insert
                + "; COMMIT; END LOOP; END $$");
        return backlog();
    }

    /** What the table holds, as a backlog that ends now. */
    Backlog backlog() {
        String sql = "SELECT count(*), coalesce(sum(crc32(convert_to(left(payload, " + RowDigest.LENGTH
                + "), 'UTF8'))), 0), pg_current_wal_insert_lsn()::text FROM public.rows";
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return new Backlog(new Digest(row.getLong(1), row.getLong(2)), Lsn.parse(row.getString(3)));
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL cannot count its rows", e);
        }
    }

    /** A statement that commits the row whose id is bound to it. */
    static PreparedStatement singleInsert(Connection connection) throws SQLException {
        return connection.prepareStatement(INSERT.formatted("", "?::bigint", "?::bigint"));
    }

    @Override
    public void close() {
        admin.close();
        stack.close();
    }
}
