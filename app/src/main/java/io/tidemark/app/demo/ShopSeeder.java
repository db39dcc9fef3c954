package io.tidemark.app.demo;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/** Fills an empty shop by COPY, in one transaction. */
public final class ShopSeeder {

    private static final int FLUSH_CHARS = 1 << 16;

    private final long seed;
    private final ShopSize size;
    private final ShopData data;

    public ShopSeeder(long seed, ShopSize size) {
        this.seed = seed;
        this.size = size;
        this.data = new ShopData(seed, size);
    }

    /** Writes every table and commits; on a failure nothing is written. */
    public void run(Connection connection) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try {
            copyAll(connection.unwrap(BaseConnection.class).getCopyAPI());
            moveSequences(connection);
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(autoCommit);
        }
        analyze(connection);
    }

    private void copyAll(CopyManager copy) throws SQLException {
        copy(copy, "customers (id, name, email, tier, created_at)", this::customers);
        copy(copy, "products (id, sku, name, category, price)", this::products);
        copy(copy, "orders (id, customer_id, status, total, placed_at)", this::orders);
        copy(copy, "order_lines (order_id, line_no, product_id, quantity, price)", this::lines);
        copy(copy, "payments (id, order_id, amount, method, paid_at)", this::payments);
    }

    private void customers(Consumer<List<Object>> rows) {
        for (long id = 1; id <= size.customers(); id++) {
            ShopData.Customer it = data.customer(id);
            rows.accept(List.of(it.id(), it.name(), it.email(), it.tier(), it.createdAt()));
        }
    }

    private void products(Consumer<List<Object>> rows) {
        for (long id = 1; id <= size.products(); id++) {
            ShopData.Product it = data.product(id);
            rows.accept(List.of(it.id(), it.sku(), it.name(), it.category(), it.price()));
        }
    }

    private void orders(Consumer<List<Object>> rows) {
        for (long id = 1; id <= size.orders(); id++) {
            ShopData.Order it = data.order(id);
            rows.accept(List.of(it.id(), it.customerId(), it.status(), it.total(), it.placedAt()));
        }
    }

    private void lines(Consumer<List<Object>> rows) {
        for (long id = 1; id <= size.orders(); id++) {
            for (ShopData.Line it : data.order(id).lines()) {
                rows.accept(List.of(it.orderId(), it.lineNo(), it.productId(), it.quantity(), it.price()));
            }
        }
    }

    private void payments(Consumer<List<Object>> rows) {
        long payment = 0;
        for (long id = 1; id <= size.orders(); id++) {
            if (data.isPaid(id)) {
                ShopData.Payment it = data.payment(++payment, data.order(id));
                rows.accept(List.of(it.id(), it.orderId(), it.amount(), it.method(), it.paidAt()));
            }
        }
    }

    private static void copy(CopyManager manager, String columns, Consumer<Consumer<List<Object>>> source)
            throws SQLException {
        CopyIn copy = manager.copyIn("copy " + columns + " from stdin");
        try (CopyRows rows = new CopyRows(copy)) {
            source.accept(rows);
            rows.finish();
        }
    }

    private static void moveSequences(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String table : List.of("customers", "products", "orders", "payments")) {
                statement.execute("select setval(pg_get_serial_sequence('" + table + "', 'id'), greatest(max(id), 1))"
                        + " from " + table);
            }
        }
    }

    private static void analyze(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("analyze customers, products, orders, order_lines, payments");
        }
    }

    @Override
    public String toString() {
        return "shop of " + size + ", seed " + seed;
    }

    /** Rows in COPY's text format; the shop's words hold nothing that needs escaping. */
    private static final class CopyRows implements Consumer<List<Object>>, AutoCloseable {

        private final CopyIn copy;
        private final StringBuilder buffer = new StringBuilder();

        CopyRows(CopyIn copy) {
            this.copy = copy;
        }

        @Override
        public void accept(List<Object> row) {
            buffer.append(row.stream().map(Object::toString).collect(Collectors.joining("\t")))
                    .append('\n');
            if (buffer.length() > FLUSH_CHARS) {
                flush();
            }
        }

        void finish() throws SQLException {
            flush();
            copy.endCopy();
        }

        private void flush() {
            byte[] bytes = buffer.toString().getBytes(StandardCharsets.UTF_8);
            buffer.setLength(0);
            try {
                copy.writeToCopy(bytes, 0, bytes.length);
            } catch (SQLException e) {
                throw new IllegalStateException("COPY failed: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() throws SQLException {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }
}
