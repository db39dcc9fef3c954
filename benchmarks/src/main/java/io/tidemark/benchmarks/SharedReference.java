package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.localstack.ServerKind;
import io.tidemark.model.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A customer changes that many orders refer to. The same number of documents changes each time, in one transaction, however
 * many share one customer; meanwhile an order of somebody else changes ten times a second.
 */
final class SharedReference implements Scenario {

    private static final int DOCUMENTS = 100_000;
    private static final int[] SHARED_BY = {1, 100, 10_000, 100_000};
    private static final int UNRELATED_PER_SECOND = 10;
    private static final double FLAT = 0.8;
    private static final String MODEL = "fanout";

    private long round;
    private long unrelatedRevision;

    /**
     * Orders whose customers are each shared by so many of them.
     *
     * @param number of the group, from 0
     */
    private record Group(int number, int documents, int sharedBy) {

        long firstOrder() {
            return (long) number * documents + 1;
        }

        long lastOrder() {
            return firstOrder() + documents - 1;
        }

        /** Groups share no customer. */
        long firstCustomer() {
            return firstOrder();
        }

        String move() {
            return "UPDATE orders SET customer_id = " + firstCustomer() + " + (id - " + firstOrder() + ") / " + sharedBy
                    + " WHERE id BETWEEN " + firstOrder() + " AND " + lastOrder();
        }

        boolean has(long order) {
            return order >= firstOrder() && order <= lastOrder();
        }
    }

    /**
     * What one change of a group's customers made.
     *
     * @param perSecond documents, between the first and the last of them
     * @param seconds from the commit to the last
     * @param longestWait of a commit to the other order, in seconds
     */
    private record FanOut(double perSecond, double seconds, double longestWait) {

        ObjectNode toJson() {
            return Json.object()
                    .put("documents_per_second", perSecond)
                    .put("seconds", seconds)
                    .put("longest_wait_seconds", longestWait);
        }
    }

    @Override
    public Set<ServerKind> servers() {
        return EnumSet.allOf(ServerKind.class);
    }

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        int documents = (int) Math.max(100, Math.round(DOCUMENTS * session.scale()));
        List<Group> groups = new ArrayList<>();
        for (int sharedBy : SHARED_BY) {
            groups.add(new Group(groups.size(), documents, Math.min(sharedBy, documents)));
        }
        long orders = groups.get(groups.size() - 1).lastOrder() + 1;
        session.say("shared references: " + orders + " orders");
        try (Shop shop = Shop.seeded(session.testbed(), MODEL, new Shop.Size(orders, orders, 2))) {
            groups.forEach(group -> shop.execute(group.move()));
            return measure(session, shop, groups, orders);
        }
    }

    private List<Measurement> measure(Session session, Shop shop, List<Group> groups, long unrelated)
            throws IOException, InterruptedException {
        Path configuration = shop.configuration(ShopDocuments.yaml(MODEL));
        Map<Group, List<FanOut>> all = new LinkedHashMap<>();
        try (Worker worker = shop.run(configuration);
                DocumentsTail tail = DocumentsTail.fromTheEnd(
                        session.testbed().bootstrapServers(), shop.topics().documents(MODEL))) {
            // The first round fills and warms up, and is not counted.
            for (int pair = 0; pair <= session.pairs(); pair++) {
                for (Group group : groups) {
                    FanOut made = change(shop, tail, group, unrelated);
                    session.say(String.format(
                            Locale.ROOT,
                            "  shared by %d: %.0f documents/s, %.1f s, others waited %.1f s at most%s",
                            group.sharedBy(),
                            made.perSecond(),
                            made.seconds(),
                            made.longestWait(),
                            pair == 0 ? " (warm-up)" : ""));
                    if (pair > 0) {
                        all.computeIfAbsent(group, any -> new ArrayList<>()).add(made);
                    }
                }
            }
            shop.requireReconciled(configuration);
            worker.end();
        }
        return measurements(groups, all);
    }

    private FanOut change(Shop shop, DocumentsTail tail, Group group, long unrelated) throws InterruptedException {
        String name = "Renamed " + ++round;
        Seen seen = new Seen(group, name, unrelated);
        try (Unrelated others = new Unrelated(shop, unrelated, unrelatedRevision)) {
            others.start();
            others.awaitFirst();
            shop.execute("UPDATE customers SET name = '" + name + "' WHERE id BETWEEN " + group.firstCustomer()
                    + " AND " + (group.firstCustomer() + (group.documents() - 1) / group.sharedBy()));
            long committedMs = System.currentTimeMillis();
            tail.readUntil(() -> seen.documents >= group.documents(), seen);
            unrelatedRevision = others.stop();
            tail.readUntil(() -> seen.waits.containsKey(unrelatedRevision), seen);
            double between = Math.max(1, seen.lastMs - seen.firstMs) / 1e3;
            return new FanOut(
                    group.documents() / between,
                    (seen.lastMs - committedMs) / 1e3,
                    others.longestWaitMs(seen.waits) / 1e3);
        }
    }

    private static List<Measurement> measurements(List<Group> groups, Map<Group, List<FanOut>> all) {
        List<Measurement> measured = new ArrayList<>();
        List<FanOut> ones = all.getOrDefault(groups.get(0), List.of());
        for (Group group : groups) {
            List<FanOut> these = all.getOrDefault(group, List.of());
            ObjectNode details = Json.object();
            these.forEach(each -> details.withArray("runs").add(each.toJson()));
            double[] ratios = new double[these.size()];
            double[] waits = new double[these.size()];
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] = these.get(i).perSecond() / ones.get(i).perSecond();
                waits[i] = these.get(i).longestWait() / these.get(i).seconds();
            }
            String of = "reference shared by " + group.sharedBy() + ": ";
            String bound = String.format(
                    Locale.ROOT,
                    "%.0f documents/s; one transaction of %d documents",
                    Measurement.median(
                            these.stream().mapToDouble(FanOut::perSecond).toArray()),
                    group.documents());
            if (group.sharedBy() > 1) {
                measured.add(new Measurement(
                        of + "documents/s of shared by 1", Measurement.median(ratios), "x", FLAT, bound, details));
            }
            measured.add(new Measurement(
                    of + "others' longest wait by its time", Measurement.median(waits), "", 1, bound, details));
        }
        return measured;
    }

    /** What of one change has come. */
    private static final class Seen implements DocumentsTail.Reader {

        private final Group group;
        private final String name;
        private final long unrelated;
        private final ConcurrentSkipListMap<Long, Long> waits = new ConcurrentSkipListMap<>();
        private int documents;
        private long firstMs = Long.MAX_VALUE;
        private long lastMs;

        Seen(Group group, String name, long unrelated) {
            this.group = group;
            this.name = name;
            this.unrelated = unrelated;
        }

        @Override
        public void document(ObjectNode document, long appendedMs) {
            long id = document.path("id").asLong();
            if (id == unrelated) {
                waits.putIfAbsent(document.path("revision").asLong(), appendedMs);
            } else if (group.has(id) && document.at("/customer/name").asText().equals(name)) {
                documents++;
                firstMs = Math.min(firstMs, appendedMs);
                lastMs = Math.max(lastMs, appendedMs);
            }
        }
    }

    /** Changes one order again and again, at a steady pace. */
    private static final class Unrelated implements AutoCloseable {

        private final Shop shop;
        private final long order;
        private final long before;
        private final ConcurrentSkipListMap<Long, Long> committedMs = new ConcurrentSkipListMap<>();
        private final Thread thread = new Thread(this::change, "changes of somebody else");
        private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        private volatile boolean stopped;

        Unrelated(Shop shop, long order, long before) {
            this.shop = shop;
            this.order = order;
            this.before = before;
        }

        void start() {
            thread.start();
        }

        void awaitFirst() {
            while (committedMs.isEmpty() && failure.get() == null) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }

        private void change() {
            try (Connection connection = shop.connect();
                    PreparedStatement update =
                            connection.prepareStatement("UPDATE orders SET revision = ? WHERE id = " + order)) {
                long start = System.nanoTime();
                for (int turn = 0; !stopped; turn++) {
                    Turns.await(start, turn, UNRELATED_PER_SECOND);
                    long revision = before + 1 + turn;
                    update.setLong(1, revision);
                    update.executeUpdate();
                    committedMs.put(revision, System.currentTimeMillis());
                }
            } catch (SQLException e) {
                failure.set(e);
            }
        }

        /** The last revision that was committed. */
        long stop() throws InterruptedException {
            stopped = true;
            thread.join();
            if (failure.get() != null) {
                throw new IllegalStateException("PostgreSQL refuses a change", failure.get());
            }
            return committedMs.lastKey();
        }

        /** A revision that was never emitted came with the next one that was. */
        long longestWaitMs(ConcurrentSkipListMap<Long, Long> appendedMs) {
            return committedMs.entrySet().stream()
                    .mapToLong(each -> appendedMs.tailMap(each.getKey()).values().stream()
                                    .mapToLong(Long::longValue)
                                    .min()
                                    .orElseThrow()
                            - each.getValue())
                    .max()
                    .orElse(0);
        }

        @Override
        public void close() {
            stopped = true;
        }
    }
}
