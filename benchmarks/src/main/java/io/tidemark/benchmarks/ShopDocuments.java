package io.tidemark.benchmarks;

import io.tidemark.model.Json;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The four-table order document: as a definition, and as PostgreSQL makes it of the same tables. */
final class ShopDocuments {

    /** Of a read model, without its name and targets. */
    static final String DEFINITION = """
                document: public.orders
                fields: [id, status, revision, placed_at]
                one: {customer: {table: public.customers, by: customer_id, fields: [id, name, tier]}}
                many:
                  lines:
                    table: public.order_lines
                    by: order_id
                    order-by: line_no
                    fields: [line_no, quantity, price]
                    one: {product: {table: public.products, by: product_id, fields: [sku, name, category]}}
            """;

    private static final String QUERY = """
            SELECT jsonb_build_object('id', o.id, 'status', o.status, 'revision', o.revision, 'placed_at', o.placed_at,
                'customer', (SELECT jsonb_build_object('id', c.id, 'name', c.name, 'tier', c.tier)
                    FROM customers c WHERE c.id = o.customer_id),
                'lines', coalesce((SELECT jsonb_agg(jsonb_build_object('line_no', l.line_no, 'quantity', l.quantity,
                        'price', l.price, 'product',
                        (SELECT jsonb_build_object('sku', p.sku, 'name', p.name, 'category', p.category)
                            FROM products p WHERE p.id = l.product_id)) ORDER BY l.line_no)
                    FROM order_lines l WHERE l.order_id = o.id), '[]'))::text
            FROM orders o
            """;

    private static final int ROWS_AT_ONCE = 1_000;

    private ShopDocuments() {}

    /** As the only read model of a configuration, to be kept in Redis. */
    static String yaml(String model) {
        return "  " + model + ":\n" + DEFINITION + "    to: {cache: \"" + model + ":{id}\"}\n";
    }

    /** What the documents of a shop must be now. */
    static Digest digest(Shop shop) {
        DocumentDigest digest = new DocumentDigest();
        try (Connection connection = shop.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            connection.setAutoCommit(false);
            statement.setFetchSize(ROWS_AT_ONCE);
            try (ResultSet row = statement.executeQuery(QUERY)) {
                while (row.next()) {
                    digest.add(Json.parseObject(row.getString(1)));
                }
            }
            return digest.digest();
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL cannot make the documents", e);
        }
    }
}
