package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.localstack.ServerKind;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * An assembler with little and with much state works off backlogs of child changes; restores that state from Kafka; and
 * works off a short and a long backlog, for the memory that takes.
 */
final class StateSize implements Scenario {

    private static final int[] CHILD_ROWS = {100_000, 1_000_000, 10_000_000};
    private static final int LINES = 5;
    private static final int CHANGES = 200_000;
    private static final int SHORT_BACKLOG = 10_000;
    private static final int LONG_BACKLOG = 10_000_000;
    private static final int CHANGES_EACH = 100;
    private static final double OF_SMALLEST = 0.7;
    private static final double MEMORY = 1.2;
    private static final String MODEL = "state";

    /** By {@code %s}: transactions, a number that differs each time, orders. */
    private static final String CHANGE = """
            DO $$ BEGIN FOR t IN 0..%1$s - 1 LOOP
                UPDATE order_lines SET quantity = quantity %% 9 + 1
                FROM (SELECT 1 + ((t * %4$s::bigint + i) * 7919 + %2$s) %% %3$s AS o, 1 + i %% %5$s AS l
                    FROM generate_series(0, %4$s - 1) i) changed
                WHERE order_id = changed.o AND line_no = changed.l;
                COMMIT;
            END LOOP; END $$
            """;

    private final int maxRows;
    private int round;

    /** @param maxRows no more child rows than these, before they are scaled */
    StateSize(int maxRows) {
        this.maxRows = maxRows;
    }

    /**
     * A source and its assembler's state.
     *
     * @param rows children
     */
    private record Sized(Shop shop, long rows, Path state) {

        long orders() {
            return rows / LINES;
        }
    }

    /**
     * How one backlog was worked off.
     *
     * @param seconds from when it began to read to the append of the last document
     * @param peakMb proportional share of memory, heap included, all of which is touched at the start
     */
    private record Drained(long changes, double seconds, double startSeconds, long peakMb) {

        double perSecond() {
            return changes / seconds;
        }

        ObjectNode toJson() {
            return Json.object()
                    .put("changes", changes)
                    .put("changes_per_second", perSecond())
                    .put("start_seconds", startSeconds)
                    .put("peak_mb", peakMb);
        }
    }

    @Override
    public Set<ServerKind> servers() {
        return EnumSet.allOf(ServerKind.class);
    }

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        List<Sized> sizes = new ArrayList<>();
        for (int rows :
                Arrays.stream(CHILD_ROWS).filter(each -> each <= maxRows).toArray()) {
            sizes.add(filled(session, "state_" + rows, Math.max(10_000, Math.round(rows * session.scale()))));
        }
        Map<Sized, List<Drained>> all = new LinkedHashMap<>();
        for (int pair = 0; pair < session.pairs(); pair++) {
            for (Sized size : sizes) {
                Drained drained = drain(session, size, scaled(session, CHANGES), size.state());
                all.computeIfAbsent(size, any -> new ArrayList<>()).add(drained);
            }
        }
        List<Measurement> measured = new ArrayList<>(throughput(sizes, all));
        for (Sized size : sizes) {
            measured.add(restore(session, size));
        }
        measured.add(memory(session, sizes.get(0)));
        for (Sized size : sizes) {
            requireRight(size);
            size.shop().close();
        }
        return measured;
    }

    private static long scaled(Session session, long changes) {
        return Math.max(CHANGES_EACH, Math.round(changes * session.scale()));
    }

    private Sized filled(Session session, String name, long rows) throws IOException, InterruptedException {
        Shop shop = Shop.seeded(session.testbed(), name, new Shop.Size(rows / 50, rows / LINES, LINES));
        Sized size = new Sized(shop, rows, session.testbed().directory().resolve(name));
        Lsn token = shop.capture(MODEL);
        Drained filled = assemble(session, size, size.rows(), size.state(), token);
        session.say(line(size, filled) + " (filled from nothing)");
        return size;
    }

    private Drained drain(Session session, Sized size, long changes, Path state)
            throws IOException, InterruptedException {
        long transactions = changes / CHANGES_EACH;
        size.shop().execute(CHANGE.formatted(transactions, ++round, size.orders(), CHANGES_EACH, LINES));
        Lsn token = size.shop().capture(MODEL);
        Drained drained = assemble(session, size, transactions * CHANGES_EACH, state, token);
        session.say(line(size, drained));
        return drained;
    }

    private static String line(Sized size, Drained drained) {
        return String.format(
                Locale.ROOT,
                "  %d child rows: %d changes at %.0f/s, after %.1f s to start; %d MB",
                size.rows(),
                drained.changes(),
                drained.perSecond(),
                drained.startSeconds(),
                drained.peakMb());
    }

    /** Runs the assembler until it has passed what a read token stands for; it keeps its state. */
    private static Drained assemble(Session session, Sized size, long changes, Path state, Lsn token)
            throws IOException, InterruptedException {
        String configuration =
                size.shop().configuration(ShopDocuments.yaml(MODEL)).toString();
        String bootstrapServers = session.testbed().bootstrapServers();
        FilledDocuments.makeTopics(bootstrapServers, size.shop().topics(), MODEL);
        try (DocumentsTail tail = DocumentsTail.fromTheEnd(
                        bootstrapServers, size.shop().topics().documents(MODEL));
                Worker worker = Worker.jvm(
                        session.testbed(),
                        Worker.HEAP_MB,
                        List.of("-XX:+AlwaysPreTouch"),
                        TidemarkAssembly.class,
                        List.of(configuration, state.toString()))) {
            JsonNode said = worker.awaitSaying(TidemarkAssembly.RUNNING_MS);
            double startSeconds = worker.seconds();
            long[] peakMb = {0};
            worker.await(() -> {
                peakMb[0] = Math.max(peakMb[0], Memory.pssMb(worker.pid()));
                return tail.passes(token);
            });
            worker.finish();
            long runningMs = said.get(TidemarkAssembly.RUNNING_MS).asLong();
            return new Drained(changes, (tail.lastDocumentMs() - runningMs) / 1e3, startSeconds, peakMb[0]);
        }
    }

    private static List<Measurement> throughput(List<Sized> sizes, Map<Sized, List<Drained>> all) {
        List<Measurement> measured = new ArrayList<>();
        List<Drained> smallest = all.getOrDefault(sizes.get(0), List.of());
        for (Sized size : sizes.subList(1, sizes.size())) {
            List<Drained> these = all.getOrDefault(size, List.of());
            double[] ratios = new double[these.size()];
            ObjectNode details = Json.object();
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] = these.get(i).perSecond() / smallest.get(i).perSecond();
                details.withArray("runs").add(these.get(i).toJson());
                details.withArray("smallest").add(smallest.get(i).toJson());
            }
            measured.add(new Measurement(
                    "changes/s with " + size.rows() + " child rows by "
                            + sizes.get(0).rows(),
                    Measurement.median(ratios),
                    "x",
                    OF_SMALLEST,
                    "what of the state is in memory",
                    details));
        }
        return measured;
    }

    private Measurement restore(Session session, Sized size) throws IOException, InterruptedException {
        Path empty = session.testbed().directory().resolve(size.shop().name() + "-restored");
        Drained restored = drain(session, size, CHANGES_EACH, empty);
        return new Measurement(
                "start with " + size.rows() + " child rows of state to restore",
                restored.startSeconds(),
                "s",
                Measurement.NO_TARGET,
                "how long a process that is killed without its disk is missed",
                restored.toJson());
    }

    private Measurement memory(Session session, Sized size) throws IOException, InterruptedException {
        Drained little = drain(session, size, scaled(session, SHORT_BACKLOG), size.state());
        Drained much = drain(session, size, scaled(session, LONG_BACKLOG), size.state());
        ObjectNode details = Json.object();
        details.set("short", little.toJson());
        details.set("long", much.toJson());
        return new Measurement(
                "memory with a backlog of " + much.changes() + " changes by " + little.changes(),
                (double) much.peakMb() / little.peakMb(),
                "",
                MEMORY,
                "a heap of " + Worker.HEAP_MB + " MB, all of it touched at the start, is in both",
                details);
    }

    private static void requireRight(Sized size) {
        Shop shop = size.shop();
        try (DocumentsTail tail = DocumentsTail.fromTheBeginning(
                shop.testbed().bootstrapServers(), shop.topics().documents(MODEL))) {
            tail.newest().require(ShopDocuments.digest(shop), MODEL);
        }
    }
}
