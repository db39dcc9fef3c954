package io.tidemark.app.run;

import io.tidemark.model.Json;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * The only writer of two tables. It keeps what PostgreSQL says they hold after every statement, within transactions
 * too.
 */
final class HistoryTraffic {

    static final List<String> TABLES = List.of("accounts", "entries");

    /**
     * The source after a statement.
     *
     * @param xid of 32 bits, as tidemarks list it
     * @param changes that its transaction has made so far
     * @param last whether the transaction ended with it
     * @param rows canonical JSON by table
     */
    record State(long xid, int changes, boolean last, Map<String, List<String>> rows) {}

    private static final int KEYS = 8;

    private final Connection connection;
    private final Random random;
    private final int partitions;
    private final List<State> states = new ArrayList<>();

    HistoryTraffic(Connection connection, long seed, int partitions) throws SQLException {
        this.connection = connection;
        this.random = new Random(seed);
        this.partitions = partitions;
        connection.setAutoCommit(false);
        execute("set timezone = 'UTC'");
        connection.commit();
    }

    static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table accounts (region text, id int, balance numeric, seen timestamptz,"
                    + " tags text[], primary key (region, id))");
            statement.execute("create table entries (id bigint primary key, note jsonb)");
            statement.execute("insert into accounts select 'n', i, i, now(), '{a,b}' from generate_series(1, 5) i");
            statement.execute("insert into entries select i, '{\"x\": 1.10}' from generate_series(1, 3) i");
        }
    }

    /** In the order they came to be. */
    List<State> states() {
        return states;
    }

    void run(int transactions) throws SQLException {
        for (int i = 0; i < transactions; i++) {
            transaction();
        }
    }

    private void transaction() throws SQLException {
        long xid = Long.parseLong(text("select pg_current_xact_id()::text")) & 0xFFFFFFFFL;
        List<State> made = new ArrayList<>();
        int changes = 0;
        for (int statements = 1 + random.nextInt(5); statements > 0; statements--) {
            int more = statement();
            changes += more;
            if (more > 0) {
                made.add(new State(xid, changes, false, rows()));
            }
        }
        if (random.nextInt(8) == 0) {
            connection.rollback();
            return;
        }
        connection.commit();
        if (!made.isEmpty()) {
            State last = made.remove(made.size() - 1);
            made.add(new State(last.xid(), last.changes(), true, last.rows()));
            states.addAll(made);
        }
    }

    /** How many changes capture makes of it. */
    private int statement() throws SQLException {
        int id = random.nextInt(KEYS);
        String account = " where region = 'n' and id = " + id;
        return switch (random.nextInt(12)) {
            case 0, 1, 2 ->
                execute("insert into accounts values ('n', " + id + ", " + random.nextInt(100)
                        + ".50, now(), null) on conflict (region, id) do update set balance = accounts.balance + 1");
            case 3, 4 ->
                execute("update accounts set balance = balance * 1.1, tags = array['" + id + "', null]" + account);
            case 5 -> execute("delete from accounts" + account);
            case 6 -> // A new key is a delete and a create.
                2
                        * execute("update accounts set id = " + (KEYS + random.nextInt(KEYS)) + account
                                + " and not exists (select from accounts where region = 'n' and id >= " + KEYS + ")");
            case 7 ->
                2
                        * execute("update accounts set id = " + id
                                + " where id >= " + KEYS
                                + " and not exists (select from accounts where id = " + id + ")");
            case 8 ->
                execute("insert into entries values (" + id + ", '{\"y\": " + random.nextInt(9)
                        + "}') on conflict (id) do nothing");
            case 9 -> execute("update entries set note = jsonb_build_object('n', " + random.nextInt(1000) + ")");
            case 10 -> execute("delete from entries where id = " + id);
            default -> truncate();
        };
    }

    /** A change in each partition of the table's topic. */
    private int truncate() throws SQLException {
        if (random.nextInt(4) > 0) {
            return 0;
        }
        execute("truncate " + TABLES.get(random.nextInt(TABLES.size())));
        return partitions;
    }

    private Map<String, List<String>> rows() throws SQLException {
        Map<String, List<String>> rows = new TreeMap<>();
        for (String table : TABLES) {
            rows.put(table, rows(connection, "select to_jsonb(t)::text from " + table + " t"));
        }
        return rows;
    }

    /** Canonical JSON, sorted. */
    static List<String> rows(Connection connection, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                rows.add(Json.canonical(Json.parse(row.getString(1))));
            }
        }
        rows.sort(null);
        return rows;
    }

    private String text(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private int execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.execute(sql) ? 0 : statement.getUpdateCount();
        }
    }
}
