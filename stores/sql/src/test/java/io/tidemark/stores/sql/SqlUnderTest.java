package io.tidemark.stores.sql;

import static org.awaitility.Awaitility.await;

import io.tidemark.localstack.PostgresServer;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Secret;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Generation;
import io.tidemark.testkit.SharedStack;
import io.tidemark.testkit.conformance.ServerUnderTest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** One table in schema {@link #SCHEMA} of a database of its own. */
abstract class SqlUnderTest extends ServerUnderTest {

    static final String SCHEMA = "target";

    private final PostgresServer server;
    private final String url;
    private final String table;

    /** @param table that documents go to */
    SqlUnderTest(String table) {
        this(table, SharedStack.postgres());
    }

    private SqlUnderTest(String table, PostgresServer server) {
        super(server);
        this.table = table;
        this.server = server;
        this.url = SharedStack.freshDatabase();
    }

    @Override
    public Generation generation() {
        return new Generation("warehouse", 1, "lineage-a");
    }

    /** How a writer reaches it, through all faults. */
    final SqlSettings proxied() {
        return settings(url.replace(":" + server.port() + "/", ":" + proxyPort() + "/"));
    }

    /** How a reader does. */
    final SqlSettings direct() {
        return settings(url);
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
            execute("create function " + SCHEMA + ".full() returns trigger language plpgsql as"
                    + " $$begin raise 'could not extend file: No space left on device' using errcode = '53100'; end$$");
        }
        for (String each : List.of(table, "_tidemark_applied")) {
            execute(
                    on
                            ? "create trigger no_room before insert or update or delete on " + SCHEMA + "." + each
                                    + " execute function " + SCHEMA + ".full()"
                            : "drop trigger no_room on " + SCHEMA + "." + each);
        }
    }

    @Override
    public void empty() {
        execute("drop schema " + SCHEMA + " cascade");
    }

    /** As a physical backup does, which keeps oids too. */
    @Override
    public void backUp() {
        execute("drop schema if exists backup cascade; create schema backup");
        eachTable("create table backup.%1$I as table " + SCHEMA + ".%1$I");
    }

    @Override
    public void setBack() {
        eachTable("truncate " + SCHEMA + ".%1$I; insert into " + SCHEMA + ".%1$I table backup.%1$I");
    }

    private void eachTable(String format) {
        execute("do $$ declare t text; begin for t in select tablename from pg_tables where schemaname = '" + SCHEMA
                + "' loop execute format('" + format + "', t); end loop; end $$");
    }

    /** As the writer that looks first when they are old enough does. */
    @Override
    public void outlastGrace() {
        execute("delete from " + SCHEMA + "._tidemark_deleted");
    }

    final void execute(String sql) {
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
