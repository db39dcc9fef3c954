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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * Children change one by one, each in a transaction of its own, as fast as one connection commits: those of a parent with
 * very many, by turns with those of a parent with few. The documents show the first ten children and aggregates over all.
 */
final class WideParent implements Scenario {

    private static final int MANY = 100_000;
    private static final int FEW = 100;
    private static final int CHANGES = 5_000;
    private static final int LEAST_CHANGES = 200;
    private static final double FLAT = 0.8;
    private static final double CONSTANT = 1.2;
    private static final String MODEL = "wide";

    private static final String YAML = "  " + MODEL + """
            :
                document: public.orders
                fields: [id, status]
                many:
                  lines:
                    table: public.order_lines
                    by: order_id
                    order-by: line_no
                    limit: 10
                    fields: [line_no, quantity, price]
                    aggregates: {line_count: count, latest: {max: quantity}}
                to: {cache: "wide:{id}"}
            """;

    /** An order and how many lines it has. */
    private record Parent(long order, int children) {}

    /**
     * What the changes of one parent's children took.
     *
     * @param changes committed
     * @param seconds from before the first commit until the document with the last change was appended
     * @param documents of the parent that were emitted
     * @param writes to state stores, as their changelogs have them; the records that end Kafka transactions count, too
     * @param cpuSeconds of the process
     */
    private record Took(int changes, double seconds, int documents, long writes, double cpuSeconds) {

        double perSecond() {
            return changes / seconds;
        }

        double writesEach() {
            return (double) writes / changes;
        }

        ObjectNode toJson() {
            return Json.object()
                    .put("changes_per_second", perSecond())
                    .put("documents_per_second", documents / seconds)
                    .put("state_writes_per_change", writesEach())
                    .put("cpu_ms_per_change", cpuSeconds * 1e3 / changes);
        }
    }

    private int latest;

    @Override
    public Set<ServerKind> servers() {
        return EnumSet.allOf(ServerKind.class);
    }

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        Parent many = new Parent(1, (int) Math.max(FEW, Math.round(MANY * session.scale())));
        Parent few = new Parent(2, FEW);
        int changes = (int) Math.max(LEAST_CHANGES, Math.round(CHANGES * session.scale()));
        session.say("single changes among " + many.children() + " children, and among " + few.children());
        try (Shop shop = Shop.seeded(session.testbed(), MODEL, new Shop.Size(10, 100, 1))) {
            for (Parent parent : List.of(many, few)) {
                shop.execute("INSERT INTO order_lines SELECT " + parent.order() + ", line, 1, 1, 9.50"
                        + " FROM generate_series(2, " + parent.children() + ") line");
            }
            return measure(session, shop, List.of(many, few), changes);
        }
    }

    private List<Measurement> measure(Session session, Shop shop, List<Parent> parents, int changes)
            throws IOException, InterruptedException {
        latest = 10;
        Path configuration = shop.configuration(YAML);
        List<List<Took>> took = List.of(new ArrayList<>(), new ArrayList<>());
        try (Worker worker = shop.run(configuration);
                DocumentsTail tail = DocumentsTail.fromTheEnd(
                        session.testbed().bootstrapServers(), shop.topics().documents(MODEL))) {
            // The first round fills and warms up, and is not counted.
            for (int pair = 0; pair <= session.pairs(); pair++) {
                for (int i = 0; i < parents.size(); i++) {
                    Took each = change(shop, worker, tail, parents.get(i), changes);
                    session.say(line(parents.get(i), each) + (pair == 0 ? " (warm-up)" : ""));
                    if (pair > 0) {
                        took.get(i).add(each);
                    }
                }
            }
            shop.requireReconciled(configuration);
            worker.end();
        }
        return measurements(parents, took);
    }

    private static String line(Parent parent, Took took) {
        return String.format(
                Locale.ROOT,
                "  of %d children: %.0f changes/s, %.0f documents/s, %.1f state writes and %.2f CPU ms per change",
                parent.children(),
                took.perSecond(),
                took.documents() / took.seconds(),
                took.writesEach(),
                took.cpuSeconds() * 1e3 / took.changes());
    }

    private Took change(Shop shop, Worker worker, DocumentsTail tail, Parent parent, int changes)
            throws InterruptedException {
        // What came before is over when its last document is there, but for the markers.
        long writesBefore = stateWrites(shop);
        double cpuBefore = worker.cpuSeconds();
        long startMs = System.currentTimeMillis();
        commit(shop, parent, changes);
        long[] lastMs = {0};
        int[] documents = {0};
        tail.readUntil(() -> lastMs[0] > 0, (document, appendedMs) -> {
            if (document.path("id").asLong() == parent.order()) {
                documents[0]++;
                lastMs[0] = document.path("latest").asInt() == latest ? appendedMs : 0;
            }
        });
        return new Took(
                changes,
                (lastMs[0] - startMs) / 1e3,
                documents[0],
                stateWrites(shop) - writesBefore,
                worker.cpuSeconds() - cpuBefore);
    }

    private void commit(Shop shop, Parent parent, int changes) {
        try (Connection connection = shop.connect();
                PreparedStatement update = connection.prepareStatement(
                        "UPDATE order_lines SET quantity = ? WHERE order_id = ? AND line_no = ?")) {
            for (int i = 0; i < changes; i++) {
                update.setInt(1, ++latest);
                update.setLong(2, parent.order());
                update.setInt(3, 1 + i % parent.children());
                update.executeUpdate();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refuses a change", e);
        }
    }

    private static long stateWrites(Shop shop) throws InterruptedException {
        Admin admin = shop.testbed().kafka();
        try {
            List<String> changelogs = admin.listTopics().names().get().stream()
                    .filter(topic -> topic.startsWith(shop.name() + "." + MODEL) && topic.endsWith("-changelog"))
                    .toList();
            Map<TopicPartition, OffsetSpec> ends =
                    admin.describeTopics(changelogs).allTopicNames().get().values().stream()
                            .flatMap(topic -> topic.partitions().stream()
                                    .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                            .collect(Collectors.toMap(Function.identity(), each -> OffsetSpec.latest()));
            return admin.listOffsets(ends).all().get().values().stream()
                    .mapToLong(ListOffsetsResultInfo::offset)
                    .sum();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka refuses: " + e.getCause(), e);
        }
    }

    private static List<Measurement> measurements(List<Parent> parents, List<List<Took>> took) {
        ObjectNode details = Json.object();
        for (int i = 0; i < parents.size(); i++) {
            var runs = details.putArray("parent of " + parents.get(i).children());
            took.get(i).forEach(each -> runs.add(each.toJson()));
        }
        String what = "child changes, parent of " + parents.get(0).children() + " by one of "
                + parents.get(1).children();
        return List.of(
                new Measurement(
                        what + ": changes/s",
                        ratio(took, Took::perSecond),
                        "x",
                        FLAT,
                        "a document is made of all its children, once for each tidemark that is passed",
                        details),
                new Measurement(
                        what + ": state writes each",
                        ratio(took, Took::writesEach),
                        "",
                        CONSTANT,
                        "a child is an entry of its own",
                        details));
    }

    private static double ratio(List<List<Took>> took, ToDoubleFunction<Took> of) {
        double[] ratios = new double[took.get(0).size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = of.applyAsDouble(took.get(0).get(i))
                    / of.applyAsDouble(took.get(1).get(i));
        }
        return Measurement.median(ratios);
    }
}
