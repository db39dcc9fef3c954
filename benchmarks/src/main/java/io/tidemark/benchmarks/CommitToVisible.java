package io.tidemark.benchmarks;

import io.tidemark.localstack.ServerKind;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;
import redis.clients.jedis.Jedis;

/**
 * Time from a commit's return until somebody who reads a store again and again sees it there, while {@code tidemark run}
 * captures, assembles and writes into that store.
 */
final class CommitToVisible implements Scenario {

    /** A read model in a store. */
    private enum Model {
        ELASTICSEARCH(TopicToStore.Store.ELASTICSEARCH, "{search: %s}"),
        REDIS(TopicToStore.Store.REDIS, "{cache: \"%s:{id}\"}"),
        SQL(TopicToStore.Store.SQL, "{dw: %s.orders}"),
        MIRROR(TopicToStore.Store.SQL, "{dw: %s}");

        private final TopicToStore.Store store;
        private final String target;

        Model(TopicToStore.Store store, String target) {
            this.store = store;
            this.target = target;
        }

        /** Its name, which is that of the index, the prefix of the keys and the schema, too. */
        private String modelName() {
            return "visible_" + name().toLowerCase(Locale.ROOT);
        }

        private String yaml() {
            String to = "    to: " + target.formatted(modelName()) + "\n";
            return "  " + modelName() + ":\n" + (this == MIRROR ? "    mirror: [public.*]\n" : ShopDocuments.DEFINITION)
                    + to;
        }
    }

    private static final int RATE = 200;
    private static final int SECONDS = 60;

    /** At any scale: the compilers take the same time. */
    private static final int WARM_UP_SECONDS = 120;

    private static final int LINES = 5;
    private static final int ORDERS = 100_000;
    private static final double P99_MS = 500;
    private static final double REFRESH_MS = 1_000;

    /** Far from each other, and every one in its turn: no factor of any number of orders below it. */
    private static final long STRIDE = 7_919;

    private static final Duration PAUSE = Duration.ofMillis(5);

    /** Elasticsearch was busy with the looks, when there were as many, of a hundred documents each and twice. */
    private static final Duration ELASTICSEARCH_PAUSE = Duration.ofMillis(50);

    private final Set<TopicToStore.Store> stores;
    private long revision;
    private long orders;

    CommitToVisible(Set<TopicToStore.Store> stores) {
        this.stores = EnumSet.copyOf(stores);
    }

    @Override
    public Set<ServerKind> servers() {
        return EnumSet.allOf(ServerKind.class);
    }

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        orders = Math.max(1_000, Math.round(ORDERS * session.scale()));
        session.say("commit to visible: " + orders + " orders");
        List<Measurement> measured = new ArrayList<>();
        try (Shop shop = Shop.seeded(session.testbed(), "visible", new Shop.Size(orders / 10, orders, LINES))) {
            for (Model model : Model.values()) {
                if (stores.contains(model.store)) {
                    measured.addAll(measure(session, shop, model));
                }
            }
        }
        return measured;
    }

    private List<Measurement> measure(Session session, Shop shop, Model model)
            throws IOException, InterruptedException {
        Path configuration = shop.configuration(model.yaml());
        try (Worker worker = shop.run(configuration);
                Looks looks = new Looks(shop);
                Connection connection = shop.connect()) {
            looks.into(model);
            // When the first one is seen the stores are filled.
            commit(connection, looks, 1);
            commit(connection, looks, WARM_UP_SECONDS * RATE);
            Map<String, Series> series = new LinkedHashMap<>();
            for (int go = 0; go < session.pairs(); go++) {
                commit(connection, looks, seconds(session, SECONDS) * RATE).forEach((name, micros) -> {
                    Series each = series.computeIfAbsent(name, any -> new Series());
                    each.add(micros);
                    session.say("  " + name + ": " + each.last());
                });
            }
            shop.requireReconciled(configuration);
            worker.end();
            return series.entrySet().stream()
                    .map(each -> measurement(each.getKey(), each.getValue()))
                    .toList();
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refuses: " + e.getMessage(), e);
        }
    }

    private static int seconds(Session session, int most) {
        return (int) Math.max(2, Math.round(most * Math.min(1, session.scale())));
    }

    /** Commits at the rate, waits until everything is seen everywhere, and gives what that took. */
    private Map<String, Histogram> commit(Connection connection, Looks looks, int count) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement order = connection.prepareStatement("UPDATE orders SET revision = ? WHERE id = ?");
                PreparedStatement line = connection.prepareStatement(
                        "UPDATE order_lines SET quantity = 1 + quantity % 9 WHERE order_id = ? AND line_no = 1")) {
            long start = System.nanoTime();
            for (int turn = 0; turn < count; turn++) {
                Turns.await(start, turn, RATE);
                long id = 1 + ++revision * STRIDE % orders;
                order.setLong(1, revision);
                order.setLong(2, id);
                order.executeUpdate();
                line.setLong(1, id);
                line.executeUpdate();
                connection.commit();
                looks.sent(id, revision, System.nanoTime());
            }
        }
        return looks.await();
    }

    private static Measurement measurement(String name, Series series) {
        double target = name.startsWith(Looks.SEARCH) ? P99_MS + REFRESH_MS : P99_MS;
        String bound = String.format(
                Locale.ROOT,
                "p50 %.1f ms; a commit for each hop of the assembler, one Kafka transaction",
                series.p50());
        return new Measurement(
                "commit to visible, " + RATE + "/s, " + name + ": p99",
                series.p99(),
                "ms",
                target,
                bound,
                series.toJson());
    }

    /** Everyone who looks into the stores. */
    private static final class Looks implements AutoCloseable {

        static final String SEARCH = "elasticsearch by search";

        private final Shop shop;
        private final Map<String, Sightings> sightings = new LinkedHashMap<>();
        private final List<AutoCloseable> connections = new ArrayList<>();

        Looks(Shop shop) {
            this.shop = shop;
        }

        void into(Model model) throws SQLException {
            String name = model.modelName();
            switch (model) {
                case ELASTICSEARCH -> {
                    look("elasticsearch by id", ELASTICSEARCH_PAUSE, StoreLooks.elasticsearchById(http(), name));
                    look(SEARCH, ELASTICSEARCH_PAUSE, StoreLooks.elasticsearchSearch(http(), name));
                }
                case REDIS -> {
                    Jedis jedis = StoreLooks.connect(shop.testbed().redisUrl());
                    connections.add(jedis);
                    look("redis", PAUSE, StoreLooks.redis(jedis, name + ":"));
                }
                case SQL ->
                    look(
                            "sql documents",
                            PAUSE,
                            StoreLooks.sql(warehouse(), name + ".orders", "(document ->> 'revision')::bigint"));
                case MIRROR -> look("sql mirror", PAUSE, StoreLooks.sql(warehouse(), name + ".orders", "revision"));
            }
        }

        private PlainHttp http() {
            PlainHttp http = new PlainHttp(shop.testbed().elasticsearchUrl());
            connections.add(http);
            return http;
        }

        private Connection warehouse() throws SQLException {
            Connection connection = shop.connectWarehouse();
            connections.add(connection);
            return connection;
        }

        private void look(String name, Duration pause, Sightings.Look look) {
            sightings.put(name, new Sightings(name, pause, look));
        }

        void sent(long order, long revision, long nanos) {
            sightings.values().forEach(each -> each.sent(order, revision, nanos));
        }

        Map<String, Histogram> await() {
            Map<String, Histogram> seen = new LinkedHashMap<>();
            sightings.forEach((name, each) -> seen.put(name, each.await()));
            return seen;
        }

        @Override
        public void close() {
            sightings.values().forEach(Sightings::close);
            for (AutoCloseable connection : connections) {
                try {
                    connection.close();
                } catch (Exception e) {
                    System.getLogger(Looks.class.getName()).log(System.Logger.Level.DEBUG, "Closing failed", e);
                }
            }
        }
    }
}
