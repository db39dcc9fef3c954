package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A contender whose process fills a place in a store and says how long that took. It counts when the place holds the
 * documents.
 *
 * @param name as printed
 * @param main of the process; its arguments are these, then the place's
 */
record IntoStore(Testbed testbed, String name, int heapMb, Class<?> main, List<String> arguments, Place place)
        implements Contender {

    @Override
    public void prepare() {
        // The process makes its place itself, before its time runs.
    }

    @Override
    public Run run(Backlog backlog) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(place.arguments());
        try (Worker worker = Worker.jvm(testbed, heapMb, main, all)) {
            JsonNode said = worker.awaitSaying(Stopwatch.SECONDS);
            double processSeconds = worker.seconds();
            place.content().require(backlog.expected(), name);
            return new Run(
                    backlog.expected().rows(),
                    said.get(Stopwatch.SECONDS).asDouble(),
                    processSeconds,
                    said.get(Stopwatch.CPU_SECONDS).asDouble());
        }
    }

    @Override
    public void close() {
        place.close();
    }
}
