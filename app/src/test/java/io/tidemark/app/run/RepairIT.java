package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.MainProcess;
import io.tidemark.app.demo.ShopTraffic;
import io.tidemark.model.RowKey;
import io.tidemark.model.store.Document;
import io.tidemark.reconciliation.Drift;
import io.tidemark.reconciliation.DriftKind;
import io.tidemark.reconciliation.Repair;
import io.tidemark.reconciliation.Report;
import io.tidemark.testkit.SharedStack;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** Documents in every kind of store are corrupted while the source goes on changing: each is found, named and mended. */
class RepairIT {

    private static final long SEED = Long.getLong("tidemark.repair.seed", 17);
    private static final int ROUNDS = Integer.getInteger("tidemark.repair.rounds", 2);
    private static final int KILLS = Math.max(1, ROUNDS / 2);
    private static final int STARTED_AFTER_MS = 2_000;
    private static final int ENDED_AFTER_MS = 10_000;
    private static final int REMOVED_EVERY_MS = 100;
    private static final int ORDERS = 1_200;
    /** For an order that can be changed as wanted; rows of a mirror have no lists. */
    private static final int MOST_LOOKS = 10;

    private static final long FIRST_ADDED = 1_000_000;
    private static final double TRANSACTIONS_PER_SECOND = 30;

    /** Its targets: the store's name in reports, and the collection. */
    private record Place(String store, String collection) {}

    /** @param position of the order before */
    private record Planted(Corruption corruption, long id, long position) {}

    @TempDir
    private Path directory;

    private final Random random = new Random(SEED);
    private final Map<Place, HeldDocuments> places = new LinkedHashMap<>();
    private Slice slice;
    private long added = FIRST_ADDED;

    @BeforeEach
    void seed() throws Exception {
        slice = new Slice(directory, "shop", text -> text.replace(
                        "to: {search: orders, cache: \"order:{id}\"}",
                        "to: {search: orders, cache: \"order:{id}\", dw: reporting.orders}")
                .replace("fields: [id, status, total, placed_at]", "fields: [id, status, total, placed_at, note]"));
        slice.seedShop(SEED, 600, 300, ORDERS);
        slice.execute("ALTER TABLE orders ADD note text");
        slice.start();
        slice.awaitEverything();
        String model = slice.model("order-search");
        String index = slice.target("order-search", "search").target().text();
        String key = slice.target("order-search", "cache").target().text();
        places.put(new Place("search", model), new HeldDocuments.Index(index));
        places.put(
                new Place("cache", model),
                new HeldDocuments.Strings(
                        new Jedis(URI.create(SharedStack.redis().url())), key.replace("{id}", "")));
        places.put(new Place("dw", model), HeldDocuments.Rows.ofDocuments(slice.warehouse(), "reporting.orders"));
        places.put(new Place("dw", "public.orders"), HeldDocuments.Rows.ofMirror(slice.warehouse(), "public.orders"));
    }

    @AfterEach
    void close() throws Exception {
        for (HeldDocuments place : places.values()) {
            place.close();
        }
        slice.close();
    }

    @Test
    void whatever_is_corrupted_under_traffic_is_found_named_and_mended() throws Exception {
        ShopTraffic traffic = new ShopTraffic(slice::source);
        ShopTraffic.Plan plan = new ShopTraffic.Plan(SEED, Integer.MAX_VALUE, TRANSACTIONS_PER_SECOND, 2);
        CompletableFuture<Void> running = CompletableFuture.runAsync(() -> traffic.run(plan, commit -> {}));
        for (int round = 1; round <= ROUNDS; round++) {
            Map<Place, List<Planted>> planted = plant();
            List<Report> reports = slice.repair();
            for (Map.Entry<Place, List<Planted>> each : planted.entrySet()) {
                assertFoundAndMended(each.getKey(), each.getValue(), reports, round);
            }
        }
        for (int round = 1; round <= KILLS; round++) {
            removeWhileRepairing(round);
        }
        for (int kill = 1; kill <= KILLS; kill++) {
            Map<Place, List<Planted>> unused = plant();
            killARepair();
            assertThat(slice.repair())
                    .as("seed %d, after kill %d", SEED, kill)
                    .extracting(Report::exitCode)
                    .containsOnly(0);
        }
        assertThat(running).as("traffic").isNotDone();
        traffic.stop();
        running.get(1, TimeUnit.MINUTES);
        slice.awaitEverything();
        slice.assertNoDrift(4);
    }

    /** What was removed behind the one run's back is found by the next. */
    private void removeWhileRepairing(int round) throws Exception {
        CountDownLatch repaired = new CountDownLatch(1);
        CompletableFuture<Map<Place, List<Planted>>> removing =
                CompletableFuture.supplyAsync(() -> removeUntil(repaired));
        List<Report> reports;
        try {
            reports = new ArrayList<>(slice.repair());
        } finally {
            repaired.countDown();
        }
        Map<Place, List<Planted>> removed = removing.get(1, TimeUnit.MINUTES);
        List<Report> next = slice.repair();
        assertThat(next).extracting(Report::exitCode).containsOnly(0);
        reports.addAll(next);
        for (Map.Entry<Place, List<Planted>> each : removed.entrySet()) {
            assertFound(each.getKey(), each.getValue(), reports, "removed meanwhile, round " + round);
        }
    }

    private Map<Place, List<Planted>> removeUntil(CountDownLatch repaired) {
        Map<Place, List<Planted>> removed = new LinkedHashMap<>();
        Map<Place, List<Long>> ids = new LinkedHashMap<>();
        places.keySet().forEach(place -> ids.put(place, someOrders()));
        try {
            do {
                for (Map.Entry<Place, List<Long>> each : ids.entrySet()) {
                    plant(places.get(each.getKey()), Corruption.DELETED, each.getValue())
                            .ifPresent(planted -> removed.computeIfAbsent(each.getKey(), any -> new ArrayList<>())
                                    .add(planted));
                }
            } while (!repaired.await(REMOVED_EVERY_MS, TimeUnit.MILLISECONDS));
            return removed;
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    /** While it starts, compares, writes or looks at what it wrote. */
    private void killARepair() throws Exception {
        MainProcess repairing = MainProcess.start(
                directory,
                "reconcile",
                "--all",
                "--repair",
                "-c",
                slice.configFile().toString());
        repairing.runFor(STARTED_AFTER_MS + random.nextInt(ENDED_AFTER_MS - STARTED_AFTER_MS));
        repairing.kill();
    }

    /** Two of each kind in each place, each in an order of its own. */
    private Map<Place, List<Planted>> plant() throws Exception {
        Map<Place, List<Planted>> planted = new LinkedHashMap<>();
        for (Map.Entry<Place, HeldDocuments> place : places.entrySet()) {
            List<Long> ids = someOrders();
            List<Planted> here = new ArrayList<>();
            for (Corruption corruption : Corruption.values()) {
                plant(place.getValue(), corruption, ids).ifPresent(here::add);
                plant(place.getValue(), corruption, ids).ifPresent(here::add);
            }
            planted.put(place.getKey(), here);
        }
        return planted;
    }

    private List<Long> someOrders() {
        return new ArrayList<>(
                random.longs(1, ORDERS + 1).distinct().limit(ORDERS / 2).boxed().toList());
    }

    private Optional<Planted> plant(HeldDocuments held, Corruption corruption, List<Long> ids) throws Exception {
        for (int look = 0; look < MOST_LOOKS; look++) {
            long id = ids.remove(0);
            Optional<ObjectNode> order = held.read(id);
            long position = order.map(RepairIT::position).orElse(0L);
            if (order.isEmpty() || !corruption.changes(order.get())) {
                continue;
            }
            if (corruption == Corruption.DELETED) {
                held.remove(id);
                return Optional.of(new Planted(corruption, id, position));
            }
            long as = corruption == Corruption.ADDED ? ++added : id;
            held.write(as, order.get().put("id", as));
            return Optional.of(new Planted(corruption, as, position));
        }
        return Optional.empty();
    }

    private static long position(ObjectNode order) {
        return order.path(Document.POSITION_FIELD).asLong();
    }

    private void assertFoundAndMended(Place place, List<Planted> planted, List<Report> reports, int round)
            throws Exception {
        assertThat(planted).as("%s", place).hasSizeGreaterThan(8);
        assertFound(place, planted, reports, "round " + round);
        assertThat(reports)
                .extracting(Report::repair)
                .as("seed %d, round %d, %s", SEED, round, place)
                .doesNotContainNull()
                .allMatch(Repair::complete, "complete");
        assertThat(reports).extracting(Report::exitCode).containsOnly(0);
    }

    private void assertFound(Place place, List<Planted> planted, List<Report> reports, String when) throws Exception {
        String about = "seed " + SEED + ", " + when + ", " + place;
        List<Drift> drift = reports.stream()
                .filter(report -> report.store().equals(place.store()))
                .flatMap(report -> report.drift().stream())
                .filter(each -> each.collection().equals(place.collection()))
                .toList();
        assertThat(drift)
                .as("%s: nothing else", about)
                .extracting(Drift::key)
                .isSubsetOf(planted.stream().map(RepairIT::key).toList());
        for (Planted each : planted) {
            Optional<Drift> found =
                    drift.stream().filter(one -> one.key().equals(key(each))).findFirst();
            if (found.isPresent()) {
                DriftKind gone = exists(each.id()) ? each.corruption().drift() : DriftKind.EXTRA;
                assertThat(found.get().kind())
                        .as("%s: %s", about, each)
                        .isIn(each.corruption().drift(), gone);
            } else {
                assertThat(rewritten(place, each))
                        .as("%s: %s was not found", about, each)
                        .isTrue();
            }
        }
    }

    /** Whether the order was written since, because the source changed: then it is right again without us. */
    private boolean rewritten(Place place, Planted planted) throws Exception {
        Optional<ObjectNode> now = places.get(place).read(planted.id());
        long position = now.map(RepairIT::position).orElse(planted.position() + 1);
        return position > planted.position() && position < Corruption.FUTURE;
    }

    /** The traffic deletes orders, too. */
    private boolean exists(long id) throws SQLException {
        try (Connection source = slice.source();
                Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery("SELECT FROM orders WHERE id = " + id)) {
            return row.next();
        }
    }

    private static RowKey key(Planted planted) {
        return new RowKey("{\"id\":" + planted.id() + "}");
    }
}
