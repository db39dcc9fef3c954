package io.tidemark.benchmarks;

import io.tidemark.localstack.ServerKind;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Something that is measured in one go. */
interface Scenario {

    /** What must run for it. */
    default Set<ServerKind> servers() {
        return Set.of(ServerKind.POSTGRES, ServerKind.KAFKA);
    }

    List<Measurement> run(Session session) throws IOException, InterruptedException;
}
