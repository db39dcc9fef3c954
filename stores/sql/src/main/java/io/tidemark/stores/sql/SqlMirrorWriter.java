package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.TransactionalWriter;
import io.tidemark.model.store.WriteOutcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Mirrors rows into a schema of a warehouse. A batch, its deletes and its claims are one transaction, so a reader sees
 * all of it or nothing.
 *
 * <p>{@link #open()} takes the generation over with a new epoch; a writer that was there before gets FENCED on its next
 * write. A version is (position, order); deletes are remembered for an hour, so that a late older write does not bring
 * a row back. A document's collection is {@code schema.table} of the source, its table {@code table} in the target
 * schema.
 *
 * <p>With a history, every version of a batch is kept, in the same transaction: documents say where they come from
 * ({@link Document.Origin}). Batches in the order of their versions give times that are in that order, too.
 *
 * <p>Fields a relation does not have are left out: open a new writer when a relation changed, before its rows come.
 */
public final class SqlMirrorWriter implements TransactionalWriter {

    private final Warehouse warehouse;
    private final SqlMirror mirror;
    private final MirrorTables tables;
    private final Generation generation;
    private final HistoryProgress history;
    private final Bookkeeping bookkeeping;
    private final Acknowledged acknowledged;
    private final WriteTransactions transactions;
    private final int partitions;
    private long epoch = -1;

    /**
     * Prepares a writer.
     *
     * @param partitions of the generation's input
     * @throws io.tidemark.model.TidemarkException CONFIGURATION when two tables would share a name
     */
    public SqlMirrorWriter(SqlSettings settings, SqlMirror mirror, Generation generation, int partitions) {
        this.warehouse = new Warehouse(settings);
        this.mirror = mirror;
        this.tables = new MirrorTables(mirror);
        this.generation = generation;
        this.bookkeeping = new Bookkeeping(mirror.schema(), generation);
        this.history = new HistoryProgress(mirror.schema(), generation);
        this.acknowledged = new Acknowledged(bookkeeping);
        this.transactions = new WriteTransactions(warehouse, bookkeeping, acknowledged, settings.deletesRemembered());
        this.partitions = partitions;
    }

    @Override
    public void open() {
        epoch = warehouse.orFail(this::setUp);
    }

    /** Nothing to confirm: within the transaction that writes, the epoch tells whether the generation is still ours. */
    @Override
    public void rejoin() {}

    private long setUp(Connection connection) throws SQLException {
        TableSetup setup = new TableSetup(connection, warehouse.display(), mirror.schema());
        setup.createSchema();
        bookkeeping.create(connection);
        long next = bookkeeping.nextEpoch(connection, warehouse.display(), partitions);
        boolean begun = bookkeeping.hasClaims(connection);
        MirrorSetup missing = new MirrorSetup(setup);
        for (GuardedTable table : tables.all()) {
            missing.createTable(table, begun);
        }
        if (mirror.history()) {
            history.create(connection);
            for (HistoryTable table : tables.histories()) {
                missing.createHistory(table, begun);
            }
            if (!begun) {
                history.begin(connection);
            }
        }
        acknowledged.begin(connection);
        return next;
    }

    @Override
    public List<AppliedTidemark> claims() {
        return warehouse.orFail(acknowledged::claims);
    }

    @Override
    public void forget(Set<Integer> partitions) {
        warehouse.orFail(connection -> {
            bookkeeping.requireEpoch(connection, epoch);
            bookkeeping.forget(connection, partitions);
            return partitions;
        });
        acknowledged.forgotten(partitions);
    }

    @Override
    public void wholeFrom(long position, Instant time) {
        requireOpen();
        if (mirror.history()) {
            boolean unused = warehouse.orFail(connection -> {
                bookkeeping.requireEpoch(connection, epoch);
                history.wholeFrom(connection, position, time);
                return true;
            });
        }
    }

    @Override
    public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
        requireOpen();
        return transactions.run(batch, (connection, documents) -> write(connection, documents, claims));
    }

    private void requireOpen() {
        if (epoch < 0) {
            throw new IllegalStateException("open() comes before write()");
        }
    }

    private WriteOutcome retriable(SQLException e) {
        return new WriteOutcome.Retriable(String.valueOf(warehouse.failure(e).getMessage()));
    }

    private List<WriteOutcome> write(Connection connection, List<Document> documents, List<AppliedTidemark> claims)
            throws SQLException {
        requireOurs(connection, claims);
        List<WriteOutcome> outcomes = writeRows(connection, documents);
        if (outcomes.stream().allMatch(WriteOutcome::settled)) {
            save(connection, claims);
        } else if (!claims.isEmpty()) {
            // With a claim the batch is whole source transactions: a reader must not see them without one of their
            // rows.
            rollBack(connection);
            return outcomes.stream().map(SqlMirrorWriter::undone).toList();
        }
        return outcomes;
    }

    private void requireOurs(Connection connection, List<AppliedTidemark> claims) throws SQLException {
        bookkeeping.requireEpoch(connection, epoch);
        if (!acknowledged.isThere(connection, claims)) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "The warehouse " + warehouse.display() + " does not hold any more what was written of "
                            + generation + ": it was restored from a backup, or failed over without its newest"
                            + " commits. Start again: the mirror goes on from the tidemark that schema '"
                            + mirror.schema()
                            + "' claims");
        }
    }

    private void save(Connection connection, List<AppliedTidemark> claims) throws SQLException {
        bookkeeping.save(connection, claims);
        acknowledged.claiming(claims);
    }

    private void rollBack(Connection connection) throws SQLException {
        connection.rollback();
        acknowledged.takenBack();
    }

    private List<WriteOutcome> writeRows(Connection connection, List<Document> documents) throws SQLException {
        List<WriteOutcome> outcomes = new ArrayList<>(new RowWriter(connection, tables).writeNewest(documents));
        if (mirror.history()) {
            new HistoryWriter(connection, tables, history)
                    .write(documents)
                    .forEach((index, reason) -> outcomes.set(index, new WriteOutcome.Rejected(reason)));
        }
        return outcomes;
    }

    @Override
    public WriteOutcome writeAsOne(Iterator<List<Document>> batches, List<AppliedTidemark> claims) {
        requireOpen();
        try {
            WriteOutcome outcome = warehouse.inTransaction(connection -> writeAsOne(connection, batches, claims));
            acknowledged.committed();
            return outcome;
        } catch (SQLException e) {
            if (!SqlFailures.isPassing(e)) {
                throw warehouse.failure(e);
            }
            return retriable(e);
        }
    }

    private WriteOutcome writeAsOne(
            Connection connection, Iterator<List<Document>> batches, List<AppliedTidemark> claims) throws SQLException {
        requireOurs(connection, claims);
        while (batches.hasNext()) {
            List<Document> documents = batches.next();
            List<WriteOutcome> outcomes = writeRows(connection, documents);
            for (int i = 0; i < documents.size(); i++) {
                if (outcomes.get(i) instanceof WriteOutcome.Rejected refused) {
                    rollBack(connection);
                    Document document = documents.get(i);
                    return new WriteOutcome.Rejected(
                            document.collection() + " " + document.key() + ": " + refused.reason());
                }
            }
        }
        save(connection, claims);
        return WriteOutcome.applied();
    }

    private static WriteOutcome undone(WriteOutcome outcome) {
        return outcome instanceof WriteOutcome.Rejected
                ? outcome
                : new WriteOutcome.Retriable("taken back, since another row of the batch was refused");
    }

    @Override
    public void close() {
        warehouse.close();
    }
}
