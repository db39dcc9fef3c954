package io.tidemark.benchmarks;

import io.tidemark.benchmarks.DebeziumServerToKafka.Distribution;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A backlog into Kafka. */
final class StreamToKafka implements Scenario {

    private static final double OF_CONNECT = 1.5;
    private static final double OF_SERVER = 2;
    private static final String BOUND = "the processors, which PostgreSQL, Kafka and the process under measure share";

    private final Optional<Distribution> debeziumServer;

    StreamToKafka(Optional<Distribution> debeziumServer) {
        this.debeziumServer = debeziumServer;
    }

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        List<Measurement> measured = new ArrayList<>();
        for (Shape shape : List.of(Shape.ONE_ROW, Shape.THOUSAND_ROWS, Shape.ONE_LARGE)) {
            measured.addAll(measure(session, shape.scaled(session.scale())));
        }
        return measured;
    }

    private List<Measurement> measure(Session session, Shape shape) throws IOException, InterruptedException {
        session.begin("into Kafka: " + shape.name());
        List<Rounds.Entrant> entrants = new ArrayList<>(List.of(TidemarkToKafka::new, ConnectToKafka::new));
        debeziumServer.ifPresent(
                distribution -> entrants.add(testbed -> new DebeziumServerToKafka(testbed, distribution)));
        Map<String, List<Run>> runs = Rounds.run(
                session.testbed(),
                session.pairs(),
                entrants,
                () -> session.testbed().write(shape, ""),
                session.progress());
        List<Measurement> measured = new ArrayList<>();
        measured.add(against("debezium connect", OF_CONNECT, shape, runs));
        if (debeziumServer.isPresent()) {
            measured.add(against("debezium server", OF_SERVER, shape, runs));
        }
        return measured;
    }

    private static Measurement against(String peer, double target, Shape shape, Map<String, List<Run>> runs) {
        return Measurement.ratio("into Kafka, " + shape.name() + ": " + peer, runs, "tidemark", peer, target, BOUND);
    }
}
