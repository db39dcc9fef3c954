package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.TransactionalWriter;
import io.tidemark.model.store.WriteOutcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;

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
 * <p>Fields a relation does not have are left out. {@link #describe} says how tables are described; they are altered in
 * the transaction that writes what is described so.
 */
public final class SqlMirrorWriter implements TransactionalWriter {

    private final Warehouse warehouse;
    private final SqlMirror mirror;
    private final Generation generation;
    private final BooleanSupplier serves;
    private final MirrorPlace place;
    private final FollowedTables followed;
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
        this(settings, mirror, generation, partitions, () -> true);
    }

    /**
     * Prepares a writer of a generation that readers may not be given yet.
     *
     * @param serves whether it is to be in the mirror's own schema, if it is to be made
     */
    public SqlMirrorWriter(
            SqlSettings settings, SqlMirror mirror, Generation generation, int partitions, BooleanSupplier serves) {
        this.serves = serves;
        this.place = new MirrorPlace(mirror.schema(), generation);
        this.warehouse = new Warehouse(settings);
        this.mirror = mirror;
        this.generation = generation;
        this.followed =
                new FollowedTables(mirror, place, warehouse.display(), new MirrorDescriptions(place::name, generation));
        this.bookkeeping = new Bookkeeping(place::name, generation);
        this.history = new HistoryProgress(place::name, generation);
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
        place.find(connection, serves.getAsBoolean());
        TableSetup setup = new TableSetup(connection, warehouse.display(), place.name());
        setup.createSchema();
        bookkeeping.create(connection);
        place.made(connection);
        long next = bookkeeping.nextEpoch(connection, warehouse.display(), partitions);
        boolean begun = bookkeeping.hasClaims(connection);
        followed.open(connection, begun);
        if (mirror.history()) {
            history.create(connection);
            if (!begun) {
                history.begin(connection);
            }
        }
        acknowledged.begin(connection);
        return next;
    }

    @Override
    public List<AppliedTidemark> claims() {
        return warehouse.orFail(connection -> {
            enter(connection);
            return acknowledged.claims(connection);
        });
    }

    /** Whatever a transaction does, it does where the generation is then. */
    private void enter(Connection connection) throws SQLException {
        if (place.enter(connection)) {
            followed.moved();
        }
    }

    @Override
    public void forget(Set<Integer> partitions) {
        warehouse.orFail(connection -> {
            enter(connection);
            bookkeeping.requireEpoch(connection, epoch);
            bookkeeping.forget(connection, partitions);
            return partitions;
        });
        acknowledged.forgotten(partitions);
    }

    @Override
    public void describe(List<Relation> relations) {
        requireOpen();
        followed.follow(relations);
    }

    @Override
    public void wholeFrom(long position, Instant time) {
        requireOpen();
        if (mirror.history()) {
            boolean unused = warehouse.orFail(connection -> {
                enter(connection);
                bookkeeping.requireEpoch(connection, epoch);
                history.wholeFrom(connection, position, time);
                return true;
            });
        }
    }

    @Override
    public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
        requireOpen();
        List<WriteOutcome> outcomes =
                transactions.run(batch, (connection, documents) -> write(connection, documents, claims));
        if (!claims.isEmpty() && outcomes.stream().allMatch(WriteOutcome::settled)) {
            followed.begun();
        }
        return outcomes;
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
        begin(connection, claims);
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

    private void begin(Connection connection, List<AppliedTidemark> claims) throws SQLException {
        enter(connection);
        bookkeeping.requireEpoch(connection, epoch);
        if (!acknowledged.isThere(connection, claims)) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "The warehouse " + warehouse.display() + " does not hold any more what was written of "
                            + generation + ": it was restored from a backup, or failed over without its newest"
                            + " commits. Start again: the mirror goes on from the tidemark that schema '"
                            + place.name()
                            + "' claims");
        }
        followed.begin(connection);
        followed.alterRows(connection);
    }

    private void save(Connection connection, List<AppliedTidemark> claims) throws SQLException {
        followed.alterAllHistories(connection);
        bookkeeping.save(connection, claims);
        acknowledged.claiming(claims);
    }

    private void rollBack(Connection connection) throws SQLException {
        connection.rollback();
        acknowledged.takenBack();
    }

    private List<WriteOutcome> writeRows(Connection connection, List<Document> documents) throws SQLException {
        MirrorTables tables = followed.tables();
        List<Integer> here =
                places(documents, document -> tables.of(document.collection()).relation());
        List<WriteOutcome> written = new RowWriter(connection, tables)
                .writeNewest(here.stream().map(documents::get).toList());
        List<WriteOutcome> outcomes = new ArrayList<>(Collections.nCopies(documents.size(), WriteOutcome.stale()));
        for (int i = 0; i < here.size(); i++) {
            outcomes.set(here.get(i), written.get(i));
        }
        if (mirror.history()) {
            writeVersions(connection, documents, outcomes);
        }
        return outcomes;
    }

    /** The places of those that count: of rows that come again, nothing that was written before does but deletes. */
    private static List<Integer> places(List<Document> documents, Function<Document, Relation> relation) {
        return IntStream.range(0, documents.size())
                .filter(i -> documents.get(i).body() == null
                        || !FollowedTables.comesAgain(
                                relation.apply(documents.get(i)),
                                documents.get(i).version()))
                .boxed()
                .toList();
    }

    /** Each by the description of then: the tables are altered where the first one comes that is described otherwise. */
    private void writeVersions(Connection connection, List<Document> documents, List<WriteOutcome> outcomes)
            throws SQLException {
        List<Integer> left = IntStream.range(0, documents.size()).boxed().toList();
        for (Optional<Relation> next = followed.nextOfHistory(); next.isPresent(); next = followed.nextOfHistory()) {
            Version from = followed.followedFrom(next.get());
            List<Integer> before = left.stream()
                    .filter(i -> documents.get(i).version().compareTo(from) < 0)
                    .toList();
            if (before.size() == left.size()) {
                break;
            }
            writeVersions(connection, documents, before, outcomes);
            followed.alterHistory(connection, next.get());
            left = left.stream()
                    .filter(i -> documents.get(i).version().compareTo(from) >= 0)
                    .toList();
        }
        writeVersions(connection, documents, left, outcomes);
    }

    private void writeVersions(
            Connection connection, List<Document> documents, List<Integer> some, List<WriteOutcome> outcomes)
            throws SQLException {
        MirrorTables tables = followed.tables();
        List<Document> versions = some.stream().map(documents::get).toList();
        List<Integer> here = places(
                versions, document -> tables.historyOf(document.collection()).relation());
        new HistoryWriter(connection, tables, history)
                .write(here.stream().map(versions::get).toList())
                .forEach((index, reason) -> outcomes.set(
                        some.get(here.get(index)),
                        new WriteOutcome.Rejected(explained(versions.get(here.get(index)), reason))));
    }

    private String explained(Document version, String reason) {
        return followed.describedLater(version.collection(), version.version())
                ? reason + ". It is of " + version.version() + ", when " + version.collection()
                        + " was described in a way that the topics have forgotten since: the mirror was away for longer"
                        + " than they keep descriptions. Mirror into another schema, which is filled anew"
                : reason;
    }

    @Override
    public WriteOutcome writeAsOne(Iterator<List<Document>> batches, List<AppliedTidemark> claims) {
        requireOpen();
        try {
            WriteOutcome outcome = warehouse.inTransaction(connection -> writeAsOne(connection, batches, claims));
            acknowledged.committed();
            if (outcome.settled()) {
                followed.begun();
            }
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
        begin(connection, claims);
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
