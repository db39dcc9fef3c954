package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.localstack.ServerKind;
import io.tidemark.model.Lsn;
import io.tidemark.model.TableId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Change topics into documents, from nothing, beside a consumer that reads the same topics and does nothing. */
final class Assembly implements Scenario {

    private static final int ORDERS = 100_000;
    private static final int LINES = 5;
    private static final String OURS = "tidemark";
    private static final String READER = "plain consumer";

    private int runs;

    @Override
    public Set<ServerKind> servers() {
        return EnumSet.allOf(ServerKind.class);
    }

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        long orders = Math.max(100, Math.round(ORDERS * session.scale()));
        session.say("assembly: " + orders + " documents of " + LINES + " lines");
        try (Shop shop = Shop.seeded(session.testbed(), "assembly", new Shop.Size(orders / 10, orders, LINES))) {
            var unused = shop.capture("none");
            Backlog backlog = new Backlog(ShopDocuments.digest(shop), Lsn.ZERO);
            Map<String, List<Run>> all = Rounds.run(
                    session.testbed(),
                    session.pairs(),
                    List.of(testbed -> new Assembler(shop, "assembly_" + ++runs), testbed -> new Reader(shop)),
                    () -> backlog,
                    session.progress());
            return List.of(Measurement.ratio(
                    "documents from their change topics: " + READER,
                    all,
                    OURS,
                    READER,
                    Measurement.NO_TARGET,
                    "state stores and their changelogs, and a commit for every hop"));
        }
    }

    /** An assembler without state. Time runs from when it begins to read to the append of the last document. */
    private record Assembler(Shop shop, String model) implements Contender {

        @Override
        public String name() {
            return OURS;
        }

        @Override
        public void prepare() {
            // Its topics are made when it starts.
        }

        @Override
        public Run run(Backlog backlog) throws IOException, InterruptedException {
            Path state = shop.testbed().directory().resolve(model + "-state");
            List<String> arguments =
                    List.of(shop.configuration(ShopDocuments.yaml(model)).toString(), state.toString());
            try (Worker worker = Worker.jvm(shop.testbed(), Worker.HEAP_MB, TidemarkAssembly.class, arguments)) {
                JsonNode said = worker.awaitSaying(TidemarkAssembly.RUNNING_MS);
                double cpuBefore = worker.cpuSeconds();
                try (DocumentsTail tail = DocumentsTail.fromTheBeginning(
                        shop.testbed().bootstrapServers(), shop.topics().documents(model))) {
                    // Reading costs, too: not before most of it is there.
                    worker.await(() -> tail.records() >= backlog.expected().rows());
                    double processSeconds = worker.seconds();
                    double cpuSeconds = worker.cpuSeconds() - cpuBefore;
                    Digest newest = tail.newest(backlog.expected().rows());
                    newest.require(backlog.expected(), OURS);
                    worker.kill();
                    double seconds = (tail.lastDocumentMs()
                                    - said.get(TidemarkAssembly.RUNNING_MS).asLong())
                            / 1e3;
                    return new Run(newest.rows(), seconds, processSeconds, cpuSeconds);
                }
            }
        }

        @Override
        public void close() {
            // Its topics go with the testbed.
        }
    }

    /** Reads the change topics; what it reads is counted as the documents they make. */
    private record Reader(Shop shop) implements Contender {

        @Override
        public String name() {
            return READER;
        }

        @Override
        public void prepare() {
            // Nothing to prepare.
        }

        @Override
        public Run run(Backlog backlog) throws IOException, InterruptedException {
            List<String> arguments = new ArrayList<>(List.of(shop.testbed().bootstrapServers()));
            Stream.of("customers", "products", "orders", "order_lines")
                    .forEach(table -> arguments.add(shop.topics().changes(new TableId("public", table))));
            try (Worker worker = Worker.jvm(shop.testbed(), Worker.HEAP_MB, PlainReader.class, arguments)) {
                JsonNode said = worker.awaitSaying(Stopwatch.SECONDS);
                return new Run(
                        backlog.expected().rows(),
                        said.get(Stopwatch.SECONDS).asDouble(),
                        worker.seconds(),
                        said.get(Stopwatch.CPU_SECONDS).asDouble());
            }
        }

        @Override
        public void close() {
            // It keeps nothing.
        }
    }
}
