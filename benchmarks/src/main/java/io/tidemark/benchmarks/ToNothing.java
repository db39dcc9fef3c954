package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

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
        long rows = backlog.expected().rows();
        try (Worker worker = Worker.jvm(
                testbed, Worker.HEAP_MB, getClass(), lane.delivering(rows).arguments())) {
            JsonNode result = worker.awaitResult();
            Run run = new Run(rows, result.get("seconds").asDouble(), worker.seconds(), worker.cpuSeconds());
            new Digest(result.get("rows").asLong(), result.get("checksum").asLong())
                    .require(backlog.expected(), name());
            return run;
        }
    }

    @Override
    public void close() {
        testbed.dropSlot(lane.name());
    }
}
