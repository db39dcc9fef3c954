package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;

/** A contender whose JVM reads a slot, encodes every change and drops it. Its class is the JVM's main class, too. */
abstract class ToNothing implements Contender {

    private final Testbed testbed;
    private final Lane lane;

    ToNothing(Testbed testbed) {
        this.testbed = testbed;
        this.lane = testbed.lane();
    }

    @Override
    public void prepare() {
        testbed.createSlot(lane.name());
    }

    @Override
    public Run run(Backlog backlog) throws IOException {
        return run(testbed, getClass(), lane, backlog, name());
    }

    /** Runs a main class that ends with a {@link Tally}'s report. */
    static Run run(Testbed testbed, Class<?> main, Lane lane, Backlog backlog, String name) throws IOException {
        long rows = backlog.expected().rows();
        List<String> arguments = lane.delivering(rows).arguments();
        try (Worker worker = Worker.jvm(testbed, Worker.HEAP_MB, main, arguments)) {
            JsonNode result = worker.awaitSaying("seconds");
            Run run = new Run(rows, result.get("seconds").asDouble(), worker.seconds(), worker.cpuSeconds());
            new Digest(result.get("rows").asLong(), result.get("checksum").asLong()).require(backlog.expected(), name);
            return run;
        }
    }

    @Override
    public void close() {
        testbed.dropSlot(lane.name());
    }
}
