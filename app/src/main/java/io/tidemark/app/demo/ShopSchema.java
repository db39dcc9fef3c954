package io.tidemark.app.demo;

import io.tidemark.app.sql.SqlScript;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The tables of the demo's shop, as {@code sql/demo-shop.sql} makes them. */
public final class ShopSchema {

    private static final String RESOURCE = "/sql/demo-shop.sql";
    private static final String BROKEN_ORDERS = """
            select count(*) from orders o where total <> (
                select coalesce(sum(quantity * price), 0) from order_lines l where l.order_id = o.id)""";

    private ShopSchema() {}

    /** The SQL that creates the tables. */
    public static String sql() {
        try (InputStream resource = ShopSchema.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IllegalStateException("The build left out " + RESOURCE);
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates the tables in the connection's database, which has none of them yet. */
    public static void create(Connection connection) throws SQLException {
        SqlScript.parse("demo-shop.sql", sql()).run(connection);
    }

    /** Counts orders whose total is not the sum over their lines: 0 at every commit. */
    public static long brokenOrders(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(BROKEN_ORDERS)) {
            result.next();
            return result.getLong(1);
        }
    }
}
