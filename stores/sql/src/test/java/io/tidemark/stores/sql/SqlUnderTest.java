package io.tidemark.stores.sql;

import static org.awaitility.Awaitility.await;

import io.tidemark.localstack.PostgresServer;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.testkit.SharedStack;
import io.tidemark.testkit.conformance.Difference;
import io.tidemark.testkit.conformance.ServerUnderTest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/** A mirror of one table in a database of its own. */
final class SqlUnderTest extends ServerUnderTest {

    private static final Relation RELATION = new Relation(
            TableId.parse("public.products"),
            List.of(new Column("id", "bigint", 20, false), new Column("v", "text", 25, true)),
            List.of("id"),
            List.of(),
            1);

    private final PostgresServer server;
    private final String url;

    SqlUnderTest() {
        this(SharedStack.postgres());
    }

    private SqlUnderTest(PostgresServer server) {
        super(server);
        this.server = server;
        this.url = SharedStack.freshDatabase();
    }

    @Override
    public Generation generation() {
        return new Generation("warehouse", 1, "lineage-a");
    }

    @Override
    public String collection() {
        return RELATION.table().toString();
    }

    @Override
    public DocumentWriter writer(Generation generation, int partitions) {
        String proxied = url.replace(":" + server.port() + "/", ":" + proxyPort() + "/");
        return new SqlMirrorWriter(settings(proxied), "mirror", List.of(RELATION), generation, partitions);
    }

    @Override
    public DocumentReader reader(Generation generation) {
        return new SqlMirrorReader(settings(url), "mirror", List.of(RELATION), generation);
    }

    private SqlSettings settings(String jdbcUrl) {
        return new SqlSettings(jdbcUrl, server.superuser(), new Secret(server.password()));
    }

    /** PostgreSQL's text cannot hold the character NUL. */
    @Override
    public Document poison(long id, long position) {
        var body = Json.object().put("id", id).put("v", "v" + position + "\0");
        return new Document(collection(), new RowKey("{\"id\":" + id + "}"), new Version(position, 0), body);
    }

    @Override
    public Map<Difference, String> differences() {
        return Map.of(
                Difference.ONE_WRITER,
                "a mirror's writer owns all partitions, so that whole transactions can be written",
                Difference.BATCH_IS_ONE_TRANSACTION,
                "a reader must never see half a source transaction");
    }

    @Override
    public void readOnly(boolean on) {
        execute("alter system set default_transaction_read_only = " + (on ? "on" : "off"));
        execute("select pg_reload_conf()");
        awaitReload(on ? "on" : "off");
    }

    /**
     * The postmaster reloads when it gets to it. It tells its children of it before it serves a new connection: what a
     * new one sees, those that were there before will see with their next statement.
     */
    private void awaitReload(String expected) {
        await().until(() -> {
            try (Connection fresh = DriverManager.getConnection(url, server.superuser(), server.password());
                    Statement statement = fresh.createStatement();
                    ResultSet shown = statement.executeQuery("show default_transaction_read_only")) {
                return shown.next() && shown.getString(1).equals(expected);
            }
        });
    }

    /** What PostgreSQL says without room on its disk, said by a trigger: the disk is everybody's. */
    @Override
    public void full(boolean on) {
        if (on) {
            execute("create function mirror.full() returns trigger language plpgsql as"
                    + " $$begin raise 'could not extend file: No space left on device' using errcode = '53100'; end$$");
        }
        for (String table : List.of("products", "_tidemark_applied")) {
            execute(
                    on
                            ? "create trigger no_room before insert or update or delete on mirror." + table
                                    + " execute function mirror.full()"
                            : "drop trigger no_room on mirror." + table);
        }
    }

    @Override
    public void empty() {
        execute("drop schema mirror cascade");
    }

    @Override
    public void shortenGrace() {
        // Deletes are forgotten by outlastGrace, whatever their time.
    }

    /** As the writer that looks first when they are an hour old does. */
    @Override
    public void outlastGrace() {
        execute("delete from mirror._tidemark_deleted");
    }

    private void execute(String sql) {
        try (Connection connection = DriverManager.getConnection(url, server.superuser(), server.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public void close() {
        super.close();
        readOnly(false);
    }
}
