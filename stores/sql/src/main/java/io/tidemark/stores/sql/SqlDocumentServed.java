package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.ServedGeneration;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Gives readers of a table another generation of its documents: the tables change their names, in one transaction that
 * remembers the decision. Rights and views of somebody else's go over.
 */
public final class SqlDocumentServed implements ServedGeneration {

    private final Warehouse warehouse;
    private final TableId served;
    private final Generation generation;
    private final DocumentPlace place;
    private final ServedSwitch switching;

    /**
     * Prepares it.
     *
     * @param served the table of the configuration
     */
    public SqlDocumentServed(SqlSettings settings, TableId served, Generation generation) {
        this.warehouse = new Warehouse(settings);
        this.served = served;
        this.generation = generation;
        this.place = new DocumentPlace(served, generation);
        this.switching = new ServedSwitch(warehouse, generation);
    }

    @Override
    public void serve(int decision) {
        switching.run(
                served.schema(),
                decision,
                this::isServed,
                (connection, lockWait) -> serve(connection, decision, lockWait));
    }

    private boolean serve(Connection connection, int decision, String lockWait) throws SQLException {
        for (int number : switching.numbers(connection, served.schema())) {
            if (!Beside.take(connection, served.toString(), switching.numbered(number))) {
                return false;
            }
        }
        String from = place.find(connection).orElseThrow(this::missing);
        if (from.equals(served.name())
                || switching.decide(connection, served.schema(), decision).isEmpty()) {
            return true;
        }
        Optional<Integer> holder = holder(connection);
        if (holder.isPresent()) {
            swap(connection, from, holder.get(), lockWait);
        } else {
            rename(connection, from, served.name());
        }
        return true;
    }

    @Override
    public boolean isServed() {
        return warehouse.orFail(this::isServed);
    }

    private boolean isServed(Connection connection) throws SQLException {
        return place.find(connection).filter(served.name()::equals).isPresent();
    }

    private TidemarkException missing() {
        return new TidemarkException(
                ErrorCode.FAILED,
                "There is no table of " + generation + " in " + warehouse.display() + " that could take the place of "
                        + served + ": build the read model anew");
    }

    /** The generation that has the table of the configuration; empty when there is no such table. */
    private Optional<Integer> holder(Connection connection) throws SQLException {
        for (int number : switching.numbers(connection, served.schema())) {
            Optional<String> name = new DocumentPlace(served, switching.numbered(number)).find(connection);
            if (name.isPresent() && name.get().equals(served.name())) {
                return Optional.of(number);
            }
        }
        if (Bookkeeping.exists(connection, served.quoted())) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Table " + served.quoted() + " in " + warehouse.display() + " is no generation of "
                            + generation.model() + ": drop or rename it");
        }
        return Optional.empty();
    }

    private void swap(Connection connection, String from, int holder, String lockWait) throws SQLException {
        ServedSwitch.lock(connection, List.of(served.quoted(), place.quoted(from)), lockWait);
        new RowSecurity(connection).requireSame(served.quoted(), place.quoted(from));
        new Grants(connection).ofTable(served.quoted(), place.quoted(from));
        DependentViews views = DependentViews.on(connection, List.of(Bookkeeping.oid(connection, served.quoted())));
        rename(connection, served.name(), Beside.name(served.name(), holder));
        rename(connection, from, served.name());
        views.makeAgain();
    }

    private void rename(Connection connection, String from, String to) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("alter table " + place.quoted(from) + " rename to " + SqlIdentifiers.quote(to));
        }
    }

    @Override
    public OptionalLong bytes() {
        return warehouse.orFail(connection -> {
            Optional<String> name = place.find(connection);
            return name.isPresent()
                    ? OptionalLong.of(ServedSwitch.bytes(connection, List.of(place.quoted(name.get()))))
                    : OptionalLong.empty();
        });
    }

    @Override
    public void drop() {
        boolean unused = warehouse.orFail(connection -> {
            Optional<String> name = place.find(connection);
            if (name.isPresent()) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("drop table " + place.quoted(name.get()));
                }
            }
            forget(connection);
            return true;
        });
    }

    private void forget(Connection connection) throws SQLException {
        for (String table : List.of("_tidemark_applied", "_tidemark_writes", "_tidemark_generations")) {
            String quoted = SqlIdentifiers.quote(served.schema()) + "." + SqlIdentifiers.quote(table);
            if (Bookkeeping.exists(connection, quoted)) {
                try (PreparedStatement delete =
                        connection.prepareStatement("delete from " + quoted + " where model = ? and generation = ?")) {
                    delete.setString(1, generation.model());
                    delete.setInt(2, generation.number());
                    delete.executeUpdate();
                }
            }
        }
    }

    @Override
    public void close() {
        warehouse.close();
    }
}
