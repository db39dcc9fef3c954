package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.ServedGeneration;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Gives readers of a mirror another generation of all its tables: those of the one go out of the mirror's schema and those of
 * the other come in, in one transaction that remembers the decision. Whatever else is in the schema stays there. Rights go
 * over, and so do views of somebody else's.
 */
public final class SqlMirrorServed implements ServedGeneration {

    private static final List<String> OURS = List.of(
            "_tidemark_generations",
            "_tidemark_applied",
            "_tidemark_deleted",
            "_tidemark_writes",
            "_tidemark_relations",
            "_tidemark_history",
            "_tidemark_truncated");

    private final Warehouse warehouse;
    private final String served;
    private final Generation generation;
    private final ServedSwitch switching;

    /**
     * Prepares it.
     *
     * @param served the schema of the configuration
     */
    public SqlMirrorServed(SqlSettings settings, String served, Generation generation) {
        this.warehouse = new Warehouse(settings);
        this.served = served;
        this.generation = generation;
        this.switching = new ServedSwitch(warehouse, generation);
    }

    @Override
    public void serve(int decision) {
        switching.run(
                served, decision, this::isServed, (connection, lockWait) -> serve(connection, decision, lockWait));
    }

    private boolean serve(Connection connection, int decision, String lockWait) throws SQLException {
        List<Integer> holders = switching.numbers(connection, served);
        List<Integer> all = new ArrayList<>(holders);
        all.add(generation.number());
        for (int number : all) {
            if (!Beside.take(connection, served, switching.numbered(number))) {
                return false;
            }
        }
        boolean late = switching.decide(connection, served, decision).isEmpty();
        if (late || isServed(connection)) {
            return true;
        }
        String beside = Beside.name(served, generation.number());
        if (!switching.numbers(connection, beside).contains(generation.number())) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    "There is no schema '" + beside + "' in " + warehouse.display() + " that could take the place of '"
                            + served + "': build the read model anew");
        }
        swap(connection, beside, holders, lockWait);
        return true;
    }

    @Override
    public boolean isServed() {
        return warehouse.orFail(this::isServed);
    }

    private boolean isServed(Connection connection) throws SQLException {
        return switching.numbers(connection, served).contains(generation.number());
    }

    private void swap(Connection connection, String beside, List<Integer> holders, String lockWait)
            throws SQLException {
        List<String> before = tables(connection, served);
        List<String> after = tables(connection, beside);
        List<String> both =
                new ArrayList<>(before.stream().map(name -> in(served, name)).toList());
        after.forEach(name -> both.add(in(beside, name)));
        ServedSwitch.lock(connection, both, lockWait);
        DependentViews views = DependentViews.on(connection, copyGrants(connection, beside, before, after));
        for (int holder : holders) {
            String aside = Beside.name(served, holder);
            create(connection, aside);
            move(connection, before, served, aside);
        }
        move(connection, after, beside, served);
        views.makeAgain();
    }

    /** Gives the oids of the tables that were there before. */
    private List<Long> copyGrants(Connection connection, String beside, List<String> before, List<String> after)
            throws SQLException {
        List<Long> oids = new ArrayList<>();
        for (String name : before) {
            oids.add(Bookkeeping.oid(connection, in(served, name)));
            if (after.contains(name)) {
                new RowSecurity(connection).requireSame(in(served, name), in(beside, name));
                new Grants(connection).ofTable(in(served, name), in(beside, name));
            }
        }
        return oids;
    }

    /** The tables of the one generation that a schema has, and Tidemark's own about it. */
    private static List<String> tables(Connection connection, String schema) throws SQLException {
        List<String> names = new ArrayList<>();
        String relations = in(schema, "_tidemark_relations");
        if (!Bookkeeping.exists(connection, relations)) {
            return names;
        }
        try (PreparedStatement select = connection.prepareStatement("with own as (select"
                + " substr(collection, position('.' in collection) + 1) as name from " + relations + ")"
                + " select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                + " where n.nspname = ? and c.relkind = 'r' and (c.relname = any (?)"
                + " or c.relname in (select name from own union all select name || '_history' from own)) order by 1")) {
            select.setString(1, schema);
            select.setArray(2, connection.createArrayOf("text", OURS.toArray()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    names.add(row.getString(1));
                }
            }
        }
        return names;
    }

    private static void create(Connection connection, String schema) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("create schema if not exists " + SqlIdentifiers.quote(schema));
        }
    }

    private static void move(Connection connection, List<String> tables, String from, String to) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String table : tables) {
                statement.execute("alter table " + in(from, table) + " set schema " + SqlIdentifiers.quote(to));
            }
        }
    }

    private static String in(String schema, String table) {
        return SqlIdentifiers.quote(schema) + "." + SqlIdentifiers.quote(table);
    }

    @Override
    public OptionalLong bytes() {
        return warehouse.orFail(connection -> {
            String schema = place(connection);
            return OptionalLong.of(ServedSwitch.bytes(
                    connection,
                    tables(connection, schema).stream()
                            .map(name -> in(schema, name))
                            .toList()));
        });
    }

    /** The schema that has it, if one has. */
    private String place(Connection connection) throws SQLException {
        Optional<String> beside = beside();
        return beside.isPresent() && switching.numbers(connection, beside.get()).contains(generation.number())
                ? beside.get()
                : served;
    }

    private Optional<String> beside() {
        return Beside.possible(served, generation.number());
    }

    /** What somebody else has in the schema beside stays there, and the schema with it. */
    @Override
    public void drop() {
        boolean unused = warehouse.orFail(connection -> {
            String schema = place(connection);
            if (switching.numbers(connection, schema).contains(generation.number())) {
                try (Statement statement = connection.createStatement()) {
                    for (String table : tables(connection, schema)) {
                        statement.execute("drop table " + in(schema, table));
                    }
                }
            }
            if (beside().isPresent()) {
                dropIfEmpty(connection, beside().get());
            }
            return true;
        });
    }

    private static void dropIfEmpty(Connection connection, String schema) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            statement.execute("drop schema if exists " + SqlIdentifiers.quote(schema));
            connection.releaseSavepoint(before);
        } catch (SQLException somebodyElses) {
            connection.rollback(before);
        }
    }

    @Override
    public void close() {
        warehouse.close();
    }
}
