package io.tidemark.benchmarks;

import java.io.IOException;
import java.util.List;

/** Something that is measured in one go. */
@FunctionalInterface
interface Scenario {

    List<Measurement> run(Session session) throws IOException, InterruptedException;
}
