package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.GracePeriod;
import io.tidemark.model.store.WriteOutcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Writes documents into a table of a warehouse: a row per document, with its key, the document as {@code jsonb} and its
 * version. A batch, its deletes and its claims are one transaction.
 *
 * <p>Several writers may own partitions of one generation. Those that only write do so side by side; a batch with a
 * delete has the table for itself, since a row that was deleted meanwhile cannot tell an older write to wait. Deletes
 * are remembered, so that a late older write does not bring a document back.
 *
 * <p>A generation is in one table: a table that was dropped, or made anew by somebody else, makes the writer refuse
 * (DATA_LOSS), and so does a warehouse that was set back behind what it acknowledged.
 */
public final class SqlDocumentWriter implements DocumentWriter {

    private final Warehouse warehouse;
    private final SqlDocumentTable where;
    private final DocumentPlace place;
    private final BooleanSupplier serves;
    private final Generation generation;
    private final Bookkeeping bookkeeping;
    private final Acknowledged acknowledged;
    private final WriteTransactions transactions;
    private final GracePeriod grace = new GracePeriod();
    private final Duration deletesRemembered;
    private final int partitions;
    private DocumentRows rows;
    private OptionalLong table = OptionalLong.empty();

    /**
     * Prepares a writer.
     *
     * @param partitions of the generation's input
     */
    public SqlDocumentWriter(SqlSettings settings, SqlDocumentTable where, Generation generation, int partitions) {
        this(settings, where, generation, partitions, () -> true);
    }

    /**
     * Prepares a writer of a generation that readers may not be given yet.
     *
     * @param serves whether it is to have the table of the configuration, if its own is to be made
     */
    public SqlDocumentWriter(
            SqlSettings settings,
            SqlDocumentTable where,
            Generation generation,
            int partitions,
            BooleanSupplier serves) {
        this.serves = serves;
        this.place = new DocumentPlace(where.table(), generation);
        this.warehouse = new Warehouse(settings);
        this.where = where;
        this.rows = new DocumentRows(where);
        this.generation = generation;
        this.bookkeeping = new Bookkeeping(where.table().schema(), generation);
        this.acknowledged = new Acknowledged(bookkeeping);
        this.transactions = new WriteTransactions(warehouse, bookkeeping, acknowledged, settings.deletesRemembered());
        this.deletesRemembered = settings.deletesRemembered();
        this.partitions = partitions;
    }

    @Override
    public void open() {
        table = warehouse.orFail(this::setUp);
        grace.begin(deletesRemembered);
    }

    @Override
    public void rejoin() {
        grace.confirm();
    }

    private OptionalLong setUp(Connection connection) throws SQLException {
        TableSetup setup =
                new TableSetup(connection, warehouse.display(), where.table().schema());
        setup.createSchema();
        TableLock.take(connection, where.table(), generation, true);
        bookkeeping.create(connection);
        OptionalLong known = bookkeeping.tableKnown(connection, warehouse.display(), partitions);
        Optional<String> found = place.find(connection);
        rows = new DocumentRows(where)
                .in(found.isPresent() ? found.get() : place.nameToMake(connection, serves.getAsBoolean()));
        new DocumentSetup(setup, where, rows.table()).ensure(known.isPresent());
        long now = Bookkeeping.oid(connection, rows.table().quoted());
        if (known.isEmpty() || known.getAsLong() != now) {
            bookkeeping.moveTo(connection, now);
        }
        acknowledged.begin(connection);
        return OptionalLong.of(now);
    }

    @Override
    public List<AppliedTidemark> claims() {
        return warehouse.orFail(acknowledged::claims);
    }

    @Override
    public void forget(Set<Integer> partitions) {
        warehouse.orFail(connection -> {
            bookkeeping.forget(connection, partitions);
            return partitions;
        });
        acknowledged.forgotten(partitions);
    }

    @Override
    public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
        if (table.isEmpty()) {
            throw new IllegalStateException("open() comes before write()");
        }
        return transactions.run(batch, (connection, documents) -> write(connection, documents, claims));
    }

    private List<WriteOutcome> write(Connection connection, List<Document> documents, List<AppliedTidemark> claims)
            throws SQLException {
        TableLock.take(connection, where.table(), generation, documents.stream().anyMatch(Document::deletes));
        // Whoever deletes while we hold the lock waits; what was deleted before is seen, or forgotten.
        grace.require(generation.toString());
        Optional<String> name = place.find(connection, table.getAsLong());
        if (name.isEmpty()) {
            throw lost("table " + rows.table().quoted() + " was dropped, or is another one now. It");
        }
        rows = rows.in(name.get());
        if (!acknowledged.isThere(connection, claims)) {
            throw lost("it was restored from a backup, or failed over without its newest commits. What it lost");
        }
        List<WriteOutcome> outcomes = new RowWriter(connection, rows).writeNewest(documents);
        if (outcomes.stream().allMatch(WriteOutcome::settled)) {
            bookkeeping.save(connection, claims);
            acknowledged.claiming(claims);
        }
        return outcomes;
    }

    private TidemarkException lost(String why) {
        return new TidemarkException(
                ErrorCode.DATA_LOSS,
                "The warehouse " + warehouse.display() + " does not hold any more what was written of " + generation
                        + ": " + why + " must be filled again");
    }

    @Override
    public void close() {
        warehouse.close();
    }
}
