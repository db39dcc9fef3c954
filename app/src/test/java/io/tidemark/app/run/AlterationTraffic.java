package io.tidemark.app.run;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** The only writer of two tables, one of which it alters. It keeps what PostgreSQL says they hold after every commit. */
final class AlterationTraffic {

    static final List<String> TABLES = List.of("items", "others");

    /** One after the other; each leaves the table fit for those after it. */
    static final List<String> ALTERATIONS = List.of(
            "alter table items add column plain int",
            "alter table items add column filled int default 7",
            "alter table items drop column note",
            "alter table items rename column name to title",
            "alter table items alter column quantity type bigint",
            "alter table items alter column quantity type text using quantity || ' pieces'",
            "alter table items drop column plain; alter table items add column plain text default 'z'",
            "alter table items alter column price type numeric(14,2)",
            "alter table items rename column title to between; alter table items rename column plain to title;"
                    + " alter table items rename column between to plain",
            "alter table items alter column id type bigint",
            "alter table items alter column quantity type int using length(quantity), drop column filled");

    /** The tables after a commit that changed rows of them, by name; of 32 bits, as tidemarks list it. */
    record State(long xid, Map<String, List<String>> rows) {}

    private static final int KEYS = 30;

    private final Connection connection;
    private final Random random;
    private final List<State> states = new ArrayList<>();

    AlterationTraffic(Connection connection, long seed) throws SQLException {
        this.connection = connection;
        this.random = new Random(seed);
        connection.setAutoCommit(false);
        execute("set timezone = 'UTC'");
        connection.commit();
    }

    static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table items (id int primary key, name text, note varchar(20), quantity int,"
                    + " price numeric(10,2))");
            statement.execute("create table others (id int primary key, seen timestamptz)");
            statement.execute(
                    "insert into items select i, 'name ' || i, 'note', i, i + 0.5" + " from generate_series(1, 20) i");
        }
    }

    List<State> states() {
        return states;
    }

    void run(int transactions) throws SQLException {
        for (int i = 0; i < transactions; i++) {
            transaction(1 + random.nextInt(4), "");
        }
    }

    /** Alters, together with changes of rows or before them: of an alteration alone nobody hears. */
    void alter(String alteration) throws SQLException {
        if (random.nextBoolean()) {
            transaction(1 + random.nextInt(3), alteration);
        } else {
            execute(alteration);
            connection.commit();
            touch();
        }
    }

    /** Some row of the altered table is changed. */
    private void touch() throws SQLException {
        transaction(0, "insert into items (id) values (" + (KEYS + random.nextInt(1_000_000)) + ")");
    }

    private void transaction(int statements, String first) throws SQLException {
        long xid = Long.parseLong(text("select pg_current_xact_id()::text")) & 0xFFFFFFFFL;
        int changed = 0;
        if (!first.isEmpty()) {
            changed += random.nextBoolean() ? execute(statement()) : 0;
            changed += execute(first);
        }
        for (int i = 0; i < statements; i++) {
            changed += execute(statement());
        }
        if (first.startsWith("alter")) {
            changed += execute("update items set price = price + 1 where id = (select min(id) from items)");
        }
        Map<String, List<String>> rows = rows();
        connection.commit();
        if (changed > 0) {
            states.add(new State(xid, rows));
        }
    }

    private String statement() {
        int id = random.nextInt(KEYS);
        return switch (random.nextInt(8)) {
            case 0, 1, 2 ->
                "insert into items (id, price) values (" + id + ", " + random.nextInt(100)
                        + ".5) on conflict (id) do update set price = items.price + 1";
            case 3 -> "update items set quantity = 2, price = null where id = " + id;
            case 4 -> "delete from items where id = " + id;
            case 5 ->
                "update items set id = id + " + KEYS + " where id = " + id + " and not exists (select from items"
                        + " where id = " + (id + KEYS) + ")";
            case 6 -> "insert into others values (" + id + ", now()) on conflict (id) do update set seen = now()";
            default -> "delete from others where id = " + id;
        };
    }

    private Map<String, List<String>> rows() throws SQLException {
        Map<String, List<String>> rows = new TreeMap<>();
        for (String table : TABLES) {
            rows.put(table, HistoryTraffic.rows(connection, "select to_jsonb(t)::text from " + table + " t"));
        }
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
            return statement.execute(sql) ? 0 : Math.max(0, statement.getUpdateCount());
        }
    }
}
