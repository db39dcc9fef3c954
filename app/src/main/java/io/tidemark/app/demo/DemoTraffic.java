package io.tidemark.app.demo;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;

/** Writes to the demo's source while everything runs. */
interface DemoTraffic {

    /** Told of each commit, on the thread that made it. */
    @FunctionalInterface
    interface Listener {
        /** See {@link Latencies#committed}. */
        void committed(Lsn token, long committedNanos);
    }

    /**
     * Runs so many transactions and returns how many committed, fewer after {@link #stop}.
     *
     * @param perSecond upper limit
     */
    long run(long seed, int transactions, double perSecond, Listener listener);

    /** Makes a running {@link #run} return soon, and every later one at once. */
    void stop();

    /** The shop's own mix. */
    final class Shop implements DemoTraffic {

        private static final int THREADS = 2;

        private final ShopTraffic.Connections connections;
        private volatile boolean stopped;

        @org.jspecify.annotations.Nullable
        private volatile ShopTraffic running;

        Shop(ShopTraffic.Connections connections) {
            this.connections = connections;
        }

        @Override
        public long run(long seed, int transactions, double perSecond, Listener listener) {
            ShopTraffic traffic = new ShopTraffic(connections);
            running = traffic;
            if (stopped) {
                return 0;
            }
            Consumer<ShopCommit> each = commit -> listener.committed(commit.token(), commit.committedNanos());
            return traffic.run(new ShopTraffic.Plan(seed, transactions, perSecond, THREADS), each)
                    .total();
        }

        @Override
        public void stop() {
            stopped = true;
            ShopTraffic current = running;
            if (current != null) {
                current.stop();
            }
        }
    }

    /** Random changes to the rows of any schema. */
    final class AnySchema implements DemoTraffic {

        private final ShopTraffic.Connections connections;
        private final List<Relation> relations;
        private volatile boolean stopped;

        AnySchema(ShopTraffic.Connections connections, List<Relation> relations) {
            this.connections = connections;
            this.relations = List.copyOf(relations);
        }

        @Override
        public long run(long seed, int transactions, double perSecond, Listener listener) {
            try (Connection connection = connections.open()) {
                RowTouches touches = new RowTouches(relations, seed, perSecond);
                return touches.run(connection, transactions, listener, () -> stopped);
            } catch (SQLException e) {
                throw new TidemarkException(ErrorCode.FAILED, "The demo's traffic failed: " + e.getMessage(), e);
            }
        }

        @Override
        public void stop() {
            stopped = true;
        }
    }
}
