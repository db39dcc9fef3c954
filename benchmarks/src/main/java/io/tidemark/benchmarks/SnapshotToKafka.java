package io.tidemark.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The first snapshot of a table, into Kafka. */
final class SnapshotToKafka implements Scenario {

    private static final double OF_COPY = 0.25;
    private static final double OF_DEBEZIUM = 5;
    private static final double RESTARTED = 1.1;

    private final long rows;

    SnapshotToKafka(long rows) {
        this.rows = rows;
    }

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        int count = (int) Math.max(2, rows * session.scale());
        session.begin("snapshot of " + count + " rows");
        session.testbed().write(new Shape("snapshot", (count + 99_999) / 100_000, Math.min(count, 100_000)), "");
        session.testbed().execute("VACUUM ANALYZE public.rows");
        Map<String, List<Run>> runs = Rounds.run(
                session.testbed(),
                session.pairs(),
                List.of(
                        TidemarkSnapshot::whole,
                        CopyToNothing::new,
                        testbed -> new ConnectToKafka(testbed, "initial_only"),
                        TidemarkSnapshot::killedAtHalf),
                session.testbed()::backlog,
                session.progress());
        String server = "one record made and sent to Kafka for each row, on processors shared with both servers";
        return List.of(
                Measurement.ratio("snapshot: COPY", runs, "tidemark", "copy", OF_COPY, server),
                Measurement.ratio(
                        "snapshot: debezium connect", runs, "tidemark", "debezium connect", OF_DEBEZIUM, server),
                Measurement.cost(
                        "snapshot killed at half: whole time, of uninterrupted",
                        runs,
                        "tidemark, killed at half",
                        "tidemark",
                        RESTARTED,
                        "the second start, and what was not durable at the kill"));
    }
}
