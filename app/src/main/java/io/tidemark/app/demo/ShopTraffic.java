package io.tidemark.app.demo;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Runs a bounded mix of transactions against the shop. The same seed does the same to the same rows on one thread; on
 * several, each thread's choices are the same, what they meet depends on their timing. An instance runs once.
 */
public final class ShopTraffic {

    /** Opens the connection of one thread. */
    @FunctionalInterface
    public interface Connections {
        Connection open() throws SQLException;
    }

    /**
     * How much traffic.
     *
     * @param transactions to commit, over all threads
     * @param perSecond upper limit, over all threads; {@link Double#POSITIVE_INFINITY} for none
     */
    public record Plan(long seed, int transactions, double perSecond, int threads) {

        private static final int DEFAULT_THREADS = 2;

        public Plan {
            if (transactions < 0 || threads < 1 || !(perSecond > 0)) {
                throw new IllegalArgumentException("Traffic needs a thread, a rate and a number of transactions");
            }
        }

        /** As much as the source takes, on two threads. */
        public static Plan of(long seed, int transactions) {
            return new Plan(seed, transactions, Double.POSITIVE_INFINITY, DEFAULT_THREADS);
        }
    }

    /**
     * What was done.
     *
     * @param retried transactions that met a conflict (deadlock, serialization, unique) and were done again
     */
    public record Outcome(Map<ShopOperation, Long> committed, long retried) {

        public Outcome {
            committed = Map.copyOf(committed);
        }

        public long total() {
            return committed.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private final Connections connections;
    private volatile boolean stopping;

    public ShopTraffic(Connections connections) {
        this.connections = connections;
    }

    /** Makes a running {@link #run} return after the transactions it is in. */
    public void stop() {
        stopping = true;
    }

    /**
     * Runs the traffic and returns when all of it is committed, or after {@link #stop()}.
     *
     * @param listener called for each commit, on the thread that made it; several threads at once
     * @throws TidemarkException FAILED when a transaction fails for another reason than a conflict
     */
    public Outcome run(Plan plan, Consumer<ShopCommit> listener) {
        ExecutorService threads = Executors.newFixedThreadPool(plan.threads(), task -> {
            Thread thread = new Thread(task, "shop-traffic");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<Outcome>> running = new ArrayList<>();
            for (ShopWorker worker : workers(plan, listener)) {
                running.add(threads.submit(() -> work(worker)));
            }
            return joined(running);
        } finally {
            threads.shutdownNow();
        }
    }

    private List<ShopWorker> workers(Plan plan, Consumer<ShopCommit> listener) {
        SplittableRandom random = new SplittableRandom(plan.seed());
        List<ShopWorker> workers = new ArrayList<>();
        for (int i = 0; i < plan.threads(); i++) {
            int share = plan.transactions() / plan.threads() + (i < plan.transactions() % plan.threads() ? 1 : 0);
            Pace pace = new Pace(plan.perSecond() / plan.threads());
            workers.add(new ShopWorker(random.split(), share, pace, listener, () -> stopping));
        }
        return workers;
    }

    private Outcome work(ShopWorker worker) throws SQLException {
        try (Connection connection = connections.open()) {
            return worker.run(connection);
        } catch (SQLException | RuntimeException e) {
            stop();
            throw e;
        }
    }

    private Outcome joined(List<Future<Outcome>> running) {
        Map<ShopOperation, Long> committed = new EnumMap<>(ShopOperation.class);
        long retried = 0;
        try {
            for (Future<Outcome> one : running) {
                Outcome outcome = one.get();
                outcome.committed().forEach((operation, count) -> committed.merge(operation, count, Long::sum));
                retried += outcome.retried();
            }
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
            throw new TidemarkException(ErrorCode.FAILED, "The shop's traffic was interrupted", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new TidemarkException(ErrorCode.FAILED, "The shop's traffic failed: " + cause.getMessage(), cause);
        }
        return new Outcome(committed, retried);
    }
}
