package io.tidemark.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Lsn;
import io.tidemark.testkit.SharedStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

class ShopTrafficIT {

    private static final ShopSize SIZE = ShopSize.ofScale(0.02);

    private static Connection connect(String url) throws SQLException {
        var server = SharedStack.postgres();
        return DriverManager.getConnection(url, server.superuser(), server.password());
    }

    private static String seededShop(long seed) throws SQLException {
        String url = SharedStack.freshDatabase();
        try (Connection connection = connect(url)) {
            ShopSchema.create(connection);
            new ShopSeeder(seed, SIZE).run(connection);
        }
        return url;
    }

    private static String text(String url, String sql) throws SQLException {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    @Test
    void a_seeded_shop_has_the_promised_sizes_and_keeps_the_invariant() throws SQLException {
        String url = seededShop(1);
        assertThat(text(url, "select count(*) from customers")).isEqualTo("200");
        assertThat(text(url, "select count(*) from products")).isEqualTo("40");
        assertThat(text(url, "select count(*) from orders")).isEqualTo("1000");
        try (Connection connection = connect(url)) {
            assertThat(ShopSchema.brokenOrders(connection)).isZero();
        }
    }

    @Test
    void a_wrong_total_would_be_found() throws SQLException {
        String url = seededShop(1);
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute("update orders set total = total + 0.01 where id = 17");
            assertThat(ShopSchema.brokenOrders(connection)).isEqualTo(1);
        }
    }

    @Test
    void two_threads_do_everything_and_keep_the_invariant_at_every_commit() throws SQLException {
        String url = seededShop(2);
        Queue<ShopCommit> commits = new ConcurrentLinkedQueue<>();
        Queue<Long> broken = new ConcurrentLinkedQueue<>();
        try (Connection observer = connect(url)) {
            ShopTraffic.Outcome outcome = new ShopTraffic(() -> connect(url))
                    .run(ShopTraffic.Plan.of(5, 1_500), commit -> {
                        commits.add(commit);
                        if (commits.size() % 100 == 0) {
                            broken.add(brokenOrders(observer));
                        }
                    });
            assertThat(outcome.total()).isEqualTo(1_500);
            assertThat(outcome.committed()).containsOnlyKeys(ShopOperation.values());
            broken.add(brokenOrders(observer));
        }
        assertThat(commits).hasSize(1_500).allMatch(commit -> Lsn.ZERO.isBefore(commit.token()));
        assertThat(broken).containsOnly(0L);
    }

    private static synchronized long brokenOrders(Connection observer) {
        try {
            return ShopSchema.brokenOrders(observer);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void on_one_thread_the_same_seed_leaves_the_same_shop() throws SQLException {
        String first = seededShop(3);
        String second = seededShop(3);
        String everything = """
                select md5(string_agg(row, E'\\n' order by row)) from (
                    select concat_ws('|', id, customer_id, status, total) as row from orders
                    union all select concat_ws('|', order_id, line_no, product_id, quantity, price) from order_lines
                    union all select concat_ws('|', id, order_id, amount, method) from payments
                    union all select concat_ws('|', id, name) from customers
                    union all select concat_ws('|', id, name) from products) rows""";
        for (String url : List.of(first, second)) {
            new ShopTraffic(() -> connect(url))
                    .run(new ShopTraffic.Plan(9, 300, Double.POSITIVE_INFINITY, 1), commit -> {});
        }
        assertThat(text(first, everything)).isEqualTo(text(second, everything));
        assertThat(text(first, everything)).isNotEqualTo(text(seededShop(3), everything));
    }

    @Test
    void the_rate_is_a_limit_and_stop_ends_the_traffic() throws SQLException {
        String url = seededShop(4);
        ShopTraffic traffic = new ShopTraffic(() -> connect(url));
        long start = System.nanoTime();
        Queue<ShopCommit> commits = new ConcurrentLinkedQueue<>();
        ShopTraffic.Outcome outcome = traffic.run(new ShopTraffic.Plan(1, 1_000_000, 100, 2), commit -> {
            commits.add(commit);
            if (commits.size() == 50) {
                traffic.stop();
            }
        });
        assertThat(outcome.total()).isBetween(50L, 52L);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(400));
    }
}
