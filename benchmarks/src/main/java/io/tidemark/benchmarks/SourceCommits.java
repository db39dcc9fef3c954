package io.tidemark.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Somebody else's transactions on the source: one at a time, at a fixed rate, each changes an order and one of its lines. */
final class SourceCommits implements AutoCloseable {

    static final int RATE = 100;

    /** Far from each other, and every one in its turn: no factor of any number of orders below it. */
    private static final long STRIDE = 7_919;

    private static final long LONGEST_SECONDS = 60;

    private final Connection connection;
    private final long orders;
    private final Histogram micros = new Histogram(TimeUnit.SECONDS.toMicros(LONGEST_SECONDS), 3);
    private final CompletableFuture<Void> ended;
    private volatile boolean ending;
    private int turn;

    SourceCommits(Shop shop, long orders) throws SQLException {
        this.connection = shop.connect();
        this.orders = orders;
        this.ended = CompletableFuture.runAsync(this::run);
    }

    private void run() {
        try (PreparedStatement order = connection.prepareStatement("UPDATE orders SET revision = ? WHERE id = ?");
                PreparedStatement line = connection.prepareStatement(
                        "UPDATE order_lines SET quantity = 1 + quantity % 9 WHERE order_id = ? AND line_no = 2")) {
            connection.setAutoCommit(false);
            long start = System.nanoTime();
            while (!ending) {
                Turns.await(start, turn++, RATE);
                long began = System.nanoTime();
                commit(order, line, 1 + turn * STRIDE % orders);
                took(System.nanoTime() - began);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refuses: " + e.getMessage(), e);
        }
    }

    private void commit(PreparedStatement order, PreparedStatement line, long id) throws SQLException {
        order.setLong(1, turn);
        order.setLong(2, id);
        order.executeUpdate();
        line.setLong(1, id);
        line.executeUpdate();
        connection.commit();
    }

    private synchronized void took(long nanos) {
        micros.recordValue(Math.min(TimeUnit.NANOSECONDS.toMicros(nanos), micros.getHighestTrackableValue()));
    }

    /** What transactions took since the last time this was asked, in microseconds. */
    synchronized Histogram taken() {
        Histogram taken = micros.copy();
        micros.reset();
        return taken;
    }

    @Override
    public void close() throws SQLException {
        ending = true;
        try (connection) {
            ended.join();
        }
    }
}
