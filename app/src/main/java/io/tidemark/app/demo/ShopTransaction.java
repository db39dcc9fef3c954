package io.tidemark.app.demo;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * The operations on one connection. Every change of an order's lines holds the lock of its row and ends with its total
 * counted again, so that the invariant holds at each commit.
 */
final class ShopTransaction {

    private static final int MAX_LINES = 5;
    private static final int MAX_QUANTITY = 4;

    private final Sql sql;
    private final SplittableRandom random;

    ShopTransaction(Connection connection, SplittableRandom random) {
        this.sql = new Sql(connection);
        this.random = random;
    }

    /** Does it, without committing; false when the rows picked leave nothing to do. */
    boolean run(ShopOperation operation) throws SQLException {
        return switch (operation) {
            case PLACE_ORDER -> placeOrder();
            case PAY -> pay();
            case SHIP -> moveOn("paid", "shipped");
            case CANCEL -> moveOn("new", "cancelled");
            case ADD_LINE -> addLine();
            case MOVE_LINE -> moveLine();
            case REMOVE_LINE -> removeLine();
            case CHANGE_LINE_PRODUCT -> changeLineProduct();
            case RENAME_CUSTOMER -> rename("customers", ShopWords.person(random));
            case RENAME_PRODUCT -> rename("products", ShopWords.product(random));
            case DELETE_ORDER -> deleteOrder();
            case DELETE_PAYMENT -> deletePayment();
        };
    }

    private boolean placeOrder() throws SQLException {
        OptionalLong customer = pick("customers");
        if (customer.isEmpty()) {
            return false;
        }
        OptionalLong order = sql.number(
                "insert into orders (customer_id, status) values (?, 'new') returning id", customer.getAsLong());
        int lines = 1 + random.nextInt(MAX_LINES);
        for (int lineNo = 1; lineNo <= lines; lineNo++) {
            insertLine(order.orElseThrow());
        }
        return countTotal(order.orElseThrow());
    }

    private boolean pay() throws SQLException {
        OptionalLong order = lockOrder();
        if (order.isEmpty() || !changeStatus(order.getAsLong(), "new", "paid")) {
            return false;
        }
        return sql.update(
                "insert into payments (order_id, amount, method) select id, total, ? from orders where id = ?",
                ShopWords.method(random),
                order.getAsLong());
    }

    private boolean moveOn(String from, String to) throws SQLException {
        OptionalLong order = lockOrder();
        return order.isPresent() && changeStatus(order.getAsLong(), from, to);
    }

    private boolean addLine() throws SQLException {
        OptionalLong order = lockOrder();
        return order.isPresent() && insertLine(order.getAsLong()) && countTotal(order.getAsLong());
    }

    /** Moves a line to another order: a change of its primary key. */
    private boolean moveLine() throws SQLException {
        OptionalLong from = pick("orders");
        OptionalLong to = pick("orders");
        if (from.isEmpty() || to.isEmpty() || from.getAsLong() == to.getAsLong() || !lockBoth(from, to)) {
            return false;
        }
        OptionalLong line = pickLine(from.getAsLong());
        return line.isPresent()
                && sql.update("""
                        update order_lines set order_id = ?,
                            line_no = (select coalesce(max(line_no), 0) + 1 from order_lines where order_id = ?)
                        where order_id = ? and line_no = ?""", to.getAsLong(), to.getAsLong(), from.getAsLong(), line.getAsLong())
                && countTotal(from.getAsLong())
                && countTotal(to.getAsLong());
    }

    private boolean removeLine() throws SQLException {
        OptionalLong order = lockOrder();
        OptionalLong line = order.isPresent() ? pickLine(order.getAsLong()) : OptionalLong.empty();
        return line.isPresent()
                && sql.update(
                        "delete from order_lines where order_id = ? and line_no = ?",
                        order.getAsLong(),
                        line.getAsLong())
                && countTotal(order.getAsLong());
    }

    private boolean changeLineProduct() throws SQLException {
        OptionalLong order = lockOrder();
        OptionalLong line = order.isPresent() ? pickLine(order.getAsLong()) : OptionalLong.empty();
        OptionalLong product = pick("products");
        return line.isPresent()
                && product.isPresent()
                && sql.update("""
                        update order_lines l set product_id = p.id, price = p.price from products p
                        where p.id = ? and l.order_id = ? and l.line_no = ?""", product.getAsLong(), order.getAsLong(), line.getAsLong())
                && countTotal(order.getAsLong());
    }

    private boolean rename(String table, String name) throws SQLException {
        OptionalLong id = pick(table);
        return id.isPresent() && sql.update("update " + table + " set name = ? where id = ?", name, id.getAsLong());
    }

    private boolean deleteOrder() throws SQLException {
        OptionalLong order = lockOrder();
        if (order.isEmpty()) {
            return false;
        }
        sql.update("delete from order_lines where order_id = ?", order.getAsLong());
        sql.update("delete from payments where order_id = ?", order.getAsLong());
        return sql.update("delete from orders where id = ?", order.getAsLong());
    }

    private boolean deletePayment() throws SQLException {
        OptionalLong payment = pick("payments");
        return payment.isPresent() && sql.update("delete from payments where id = ?", payment.getAsLong());
    }

    private boolean insertLine(long order) throws SQLException {
        OptionalLong product = pick("products");
        return product.isPresent()
                && sql.update("""
                        insert into order_lines (order_id, line_no, product_id, quantity, price)
                        select ?, (select coalesce(max(line_no), 0) + 1 from order_lines where order_id = ?),
                            id, ?, price
                        from products where id = ?""", order, order, 1 + random.nextInt(MAX_QUANTITY), product.getAsLong());
    }

    private boolean changeStatus(long order, String from, String to) throws SQLException {
        return sql.update("update orders set status = ? where id = ? and status = ?", to, order, from);
    }

    /** Counts the total again; a statement of its own, so that it sees what committed before the lock was taken. */
    private boolean countTotal(long order) throws SQLException {
        return sql.update("""
                update orders set total =
                    (select coalesce(sum(quantity * price), 0) from order_lines where order_id = ?)
                where id = ?""", order, order);
    }

    private OptionalLong lockOrder() throws SQLException {
        OptionalLong order = pick("orders");
        return order.isEmpty() ? order : sql.number("select id from orders where id = ? for update", order.getAsLong());
    }

    private boolean lockBoth(OptionalLong first, OptionalLong second) throws SQLException {
        long low = Math.min(first.getAsLong(), second.getAsLong());
        long high = Math.max(first.getAsLong(), second.getAsLong());
        String lock = "select id from orders where id = ? for update";
        return sql.number(lock, low).isPresent() && sql.number(lock, high).isPresent();
    }

    private OptionalLong pickLine(long order) throws SQLException {
        return sql.number("""
                select line_no from order_lines where order_id = ? order by line_no
                offset floor(? * (select count(*) from order_lines where order_id = ?)) limit 1""", order, BigDecimal.valueOf(random.nextDouble()), order);
    }

    /** A row at a random place between the lowest and the highest id. */
    private OptionalLong pick(String table) throws SQLException {
        return sql.number(
                ("select id from %1$s where id >= (select min(id) + floor(? * (max(id) - min(id) + 1))::bigint from %1$s)"
                                + " order by id limit 1")
                        .formatted(table),
                BigDecimal.valueOf(random.nextDouble()));
    }
}
