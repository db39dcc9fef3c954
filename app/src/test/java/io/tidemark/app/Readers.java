package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.demo.ShopSchema;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.Slice;
import io.tidemark.app.run.StoreAccess;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.Tidemark;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.Freshness;
import io.tidemark.model.store.StoredDocument;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/**
 * Readers of a shop's read models, while its traffic goes on and whatever keeps them in step comes and goes: some commit,
 * take a token, wait for it in one of the stores and read what they wrote; one looks for what is torn.
 */
final class Readers implements AutoCloseable {

    private static final int WAITERS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private record Place(ReadModel model, Target target) {}

    private final Slice slice;
    private final String documents;
    private final List<Place> places = new ArrayList<>();
    private final AtomicLong waits = new AtomicLong();
    private final AtomicLong looks = new AtomicLong();
    private final ExecutorService threads = Executors.newFixedThreadPool(WAITERS + 1);
    private final List<Future<?>> running = new ArrayList<>();
    private volatile boolean stopping;

    private Readers(Slice slice) {
        this.slice = slice;
        this.documents = slice.model("order-search");
        Plan plan = slice.plan();
        plan.models().forEach(model -> plan.targets(model).forEach(target -> places.add(new Place(model, target))));
    }

    /** Starts them; the read models are there already. */
    static Readers start(Slice slice, long seed) {
        Readers readers = new Readers(slice);
        SplittableRandom random = new SplittableRandom(seed);
        for (int waiter = 0; waiter < WAITERS; waiter++) {
            int own = waiter;
            SplittableRandom its = random.split();
            readers.start(() -> readers.readWhatIsWritten(own, its));
        }
        readers.start(readers::lookForTorn);
        return readers;
    }

    private void start(Callable<?> reading) {
        running.add(threads.submit(reading));
    }

    /** Returns when so many more have read what they wrote, or one of the readers failed. */
    void awaitMore(int reads) {
        long until = waits.get() + reads;
        Awaitility.await("reads")
                .atMost(PATIENCE.multipliedBy(2))
                .until(() -> waits.get() >= until || running.stream().anyMatch(Future::isDone));
    }

    /** Stops them, once all they wait for has come; fails as the first of them did. */
    void finish() throws Exception {
        stopping = true;
        for (Future<?> reading : running) {
            reading.get();
        }
        System.out.println(waits + " waits, " + looks + " looks");
        assertThat(looks.get()).as("looks").isPositive();
    }

    @Override
    public void close() {
        stopping = true;
        threads.shutdownNow();
    }

    /** Each waiter changes {@code placed_at} of orders of its own, which nobody else does; orders may be deleted. */
    private Void readWhatIsWritten(int own, SplittableRandom random) throws Exception {
        StoreAccess stores = StoreAccess.ofCaptured(slice.plan());
        try (Connection connection = slice.source()) {
            while (!stopping) {
                List<Long> orders = numbers(connection, "select id from orders where id % " + WAITERS + " = " + own);
                long order = orders.get(random.nextInt(orders.size()));
                List<OffsetDateTime> written = touch(connection, order);
                Lsn token = Tidemark.token(connection);
                Place place = places.get(random.nextInt(places.size()));
                try (DocumentReader reader = stores.reader(place.model(), place.target())) {
                    assertThat(reader.await(token, PATIENCE)).as("%s", place).isInstanceOf(Freshness.Fresh.class);
                    requireWritten(connection, reader, place, order, written);
                }
                waits.incrementAndGet();
            }
        }
        return null;
    }

    private static List<OffsetDateTime> touch(Connection connection, long order) throws SQLException {
        List<OffsetDateTime> placed = new ArrayList<>();
        try (PreparedStatement update = connection.prepareStatement(
                "update orders set placed_at = clock_timestamp() where id = ? returning placed_at")) {
            update.setLong(1, order);
            try (ResultSet rows = update.executeQuery()) {
                while (rows.next()) {
                    placed.add(rows.getObject(1, OffsetDateTime.class));
                }
            }
        }
        return placed;
    }

    private void requireWritten(
            Connection connection, DocumentReader reader, Place place, long order, List<OffsetDateTime> written)
            throws SQLException {
        RowKey key = new RowKey("{\"id\":" + order + "}");
        boolean document = place.model().name().equals(documents);
        StoredDocument stored =
                reader.get(document ? documents : "public.orders", List.of(key)).get(key);
        String where = "order " + order + " in " + place.target().store() + ": " + stored;
        if (stored == null) {
            assertThat(numbers(connection, "select id from orders where id = " + order))
                    .as(where)
                    .isEmpty();
        } else {
            OffsetDateTime placed =
                    OffsetDateTime.parse(stored.body().get("placed_at").textValue());
            assertThat(written).as(where).hasSize(1);
            assertThat(placed).as(where).isEqualTo(written.get(0));
        }
    }

    private static List<Long> numbers(Connection connection, String query) throws SQLException {
        List<Long> numbers = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(query);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                numbers.add(rows.getLong(1));
            }
        }
        return numbers;
    }

    private Void lookForTorn() throws Exception {
        StoreAccess stores = StoreAccess.ofCaptured(slice.plan());
        try (Connection warehouse = slice.warehouse()) {
            while (!stopping) {
                assertThat(ShopSchema.brokenOrders(warehouse))
                        .as("torn orders in the mirror")
                        .isZero();
                for (Place place : places) {
                    if (place.model().name().equals(documents)) {
                        try (DocumentReader reader = stores.reader(place.model(), place.target())) {
                            reader.scan(documents, 500, batch -> batch.forEach(each -> requireWhole(place, each)));
                        }
                    }
                }
                looks.incrementAndGet();
            }
        }
        return null;
    }

    /** At every commit of the source an order's total is the sum over its lines. */
    private static void requireWhole(Place place, StoredDocument stored) {
        ObjectNode order = stored.body();
        BigDecimal sum = BigDecimal.ZERO;
        for (JsonNode line : order.get("lines")) {
            sum = sum.add(line.get("quantity")
                    .decimalValue()
                    .multiply(line.get("price").decimalValue()));
            assertThat(line.get("product").isNull()).as("product in %s", order).isFalse();
        }
        assertThat(order.get("total").decimalValue())
                .as("total in %s: %s", place.target().store(), order)
                .isEqualByComparingTo(sum);
    }
}
