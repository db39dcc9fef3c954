package io.tidemark.app.fault;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.PGConnection;

/**
 * Seeded traffic of the kinds that capture could get wrong: transactions that interleave, stay open over many short ones,
 * are aborted in whole or to a savepoint, copy, change keys, delete, truncate, come back, and now and then are large. It goes on
 * when the source is restarted: what became of the transaction that was cut off only the source knows.
 */
final class LedgerTraffic {

    static final String SCHEMA = """
            CREATE TABLE accounts (id int PRIMARY KEY, owner text, balance numeric NOT NULL, note text);
            CREATE TABLE entries (account_id int, no int, amount numeric NOT NULL, PRIMARY KEY (account_id, no));
            INSERT INTO accounts SELECT i, 'owner ' || i, i * 1.10, NULL FROM generate_series(1, 200) i;
            """;

    private static final int KEYS = 400;
    private static final int LARGE = 60_000;

    /** Opens a connection to the source, which may be down. */
    @FunctionalInterface
    interface Source {
        Connection connect() throws SQLException;
    }

    private final Source source;
    private final int large;
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final AtomicInteger committed = new AtomicInteger();
    private final AtomicInteger bulk = new AtomicInteger();

    /**
     * Prepares it.
     *
     * @param large how many large transactions there are at most, of 60,000 rows each
     */
    LedgerTraffic(Source source, int large) {
        this.source = source;
        this.large = large;
    }

    void start(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int worker = 0; worker < 3; worker++) {
            SplittableRandom own = random.split();
            boolean slow = worker == 0;
            Thread thread = new Thread(() -> work(own, slow), "ledger-traffic-" + worker);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    /** Returns when every transaction has ended. */
    int stop() throws InterruptedException {
        stopping.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        return committed.get();
    }

    private void work(SplittableRandom random, boolean slow) {
        while (stopping.getCount() > 0) {
            try (Connection connection = source.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (stopping.getCount() > 0) {
                    transaction(connection, statement, random, slow);
                }
            } catch (SQLException | IOException e) {
                await(100); // the source is down, or a deadlock was broken at our cost
            }
        }
    }

    private void transaction(Connection connection, Statement statement, SplittableRandom random, boolean slow)
            throws SQLException, IOException {
        int steps = slow ? 20 : random.nextInt(1, 5);
        try {
            for (int step = 0; step < steps; step++) {
                step(connection, statement, random);
                if (slow) {
                    await(40);
                }
            }
            if (random.nextInt(8) == 0) {
                connection.rollback();
            } else {
                connection.commit();
                committed.incrementAndGet();
            }
        } catch (SQLException e) {
            if (connection.isClosed() || !connection.isValid(5)) {
                throw e;
            }
            connection.rollback(); // a key that is there already, a deadlock
        }
        await(random.nextInt(3, 15));
    }

    private void step(Connection connection, Statement statement, SplittableRandom random)
            throws SQLException, IOException {
        int id = random.nextInt(1, KEYS);
        switch (random.nextInt(10)) {
            case 0, 1, 2 ->
                statement.execute("UPDATE accounts SET balance = balance + 0.10, note = 'changed " + random.nextInt()
                        + "' WHERE id = " + id);
            case 3 ->
                statement.execute("INSERT INTO accounts VALUES (" + id
                        + ", 'new', 0) ON CONFLICT (id) DO UPDATE SET owner = 'again'");
            case 4 -> statement.execute("DELETE FROM accounts WHERE id = " + id);
            case 5 ->
                statement.execute("UPDATE accounts SET id = id + " + KEYS + " WHERE id = " + id
                        + " AND NOT EXISTS (SELECT FROM accounts WHERE id = " + (id + KEYS) + ")");
            case 6 ->
                statement.execute("UPDATE accounts SET id = id - " + KEYS + " WHERE id = " + (id + KEYS)
                        + " AND NOT EXISTS (SELECT FROM accounts WHERE id = " + id + ")");
            case 7 -> copy(connection, id, random);
            case 8 -> {
                statement.execute("SAVEPOINT s; UPDATE accounts SET owner = 'rolled back' WHERE id = " + id
                        + "; DELETE FROM entries WHERE account_id = " + id + "; ROLLBACK TO SAVEPOINT s");
                statement.execute(
                        "SAVEPOINT s; UPDATE accounts SET owner = 'kept' WHERE id = " + id + "; RELEASE SAVEPOINT s");
            }
            default -> large(statement, id, random);
        }
    }

    private static void copy(Connection connection, int account, SplittableRandom random)
            throws SQLException, IOException {
        StringBuilder rows = new StringBuilder();
        int first = random.nextInt(1_000_000) * 10 + 1_000_000;
        for (int no = first; no < first + 10; no++) {
            rows.append(account).append('\t').append(no).append('\t').append(no).append(".50\n");
        }
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY entries FROM STDIN", new StringReader(rows.toString()));
    }

    private void large(Statement statement, int account, SplittableRandom random) throws SQLException {
        if (random.nextInt(20) == 0 && bulk.incrementAndGet() <= large) {
            statement.execute("INSERT INTO entries SELECT " + account + ", i, i FROM generate_series(1, " + LARGE
                    + ") i ON CONFLICT (account_id, no) DO UPDATE SET amount = entries.amount + 1");
        } else if (random.nextInt(20) == 0) {
            statement.execute("TRUNCATE entries");
            statement.execute("INSERT INTO entries VALUES (" + account + ", 0, 1.00)");
        } else {
            statement.execute("DELETE FROM entries WHERE (account_id, no) IN (SELECT account_id, no FROM entries"
                    + " WHERE account_id = " + account + " LIMIT 3)");
        }
    }

    private void await(int millis) {
        try {
            if (stopping.await(millis, TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
