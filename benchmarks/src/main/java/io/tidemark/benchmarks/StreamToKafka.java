package io.tidemark.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A backlog into Kafka. */
final class StreamToKafka implements Scenario {

    private static final double OF_CONNECT = 1.5;

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        List<Measurement> measured = new ArrayList<>();
        for (Shape shape : List.of(Shape.ONE_ROW, Shape.THOUSAND_ROWS, Shape.ONE_LARGE)) {
            measured.add(measure(session, shape.scaled(session.scale())));
        }
        return measured;
    }

    private static Measurement measure(Session session, Shape shape) throws IOException, InterruptedException {
        session.begin("into Kafka: " + shape.name());
        Map<String, List<Run>> runs = Rounds.run(
                session.testbed(),
                session.pairs(),
                List.of(TidemarkToKafka::new, ConnectToKafka::new),
                () -> session.testbed().write(shape, ""),
                session.progress());
        return Measurement.ratio(
                "into Kafka, " + shape.name() + ": debezium connect",
                runs,
                "tidemark",
                "debezium connect",
                OF_CONNECT,
                "the processors, which PostgreSQL, Kafka and the process under measure share");
    }
}
