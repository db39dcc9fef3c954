package io.tidemark.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reading and encoding a backlog, without Kafka. */
final class StreamToNothing implements Scenario {

    private static final double OF_ENGINE = 1.3;
    private static final double OF_SERVER_LARGE = 0.25;
    private static final double OF_SERVER_SMALL = 0.4;

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        List<Measurement> measured = new ArrayList<>();
        for (Shape shape : List.of(Shape.ONE_ROW, Shape.THOUSAND_ROWS, Shape.ONE_LARGE)) {
            measured.addAll(measure(session, shape.scaled(session.scale())));
        }
        return measured;
    }

    private static List<Measurement> measure(Session session, Shape shape) throws IOException, InterruptedException {
        session.begin("into nothing: " + shape.name());
        List<Rounds.Entrant> entrants = new ArrayList<>(List.of(TidemarkToNothing::new, DebeziumToNothing::new));
        Optional<Path> recvLogical = RecvLogical.find();
        recvLogical.ifPresent(program -> entrants.add(testbed -> new RecvLogical(testbed, program)));
        Map<String, List<Run>> runs = Rounds.run(
                session.testbed(),
                session.pairs(),
                entrants,
                () -> session.testbed().write(shape, ""),
                session.progress());
        List<Measurement> measured = new ArrayList<>();
        measured.add(Measurement.ratio(
                "into nothing, " + shape.name() + ": debezium engine",
                runs,
                "tidemark",
                "debezium engine",
                OF_ENGINE,
                "Debezium's one reading thread, which both sides share"));
        if (recvLogical.isPresent()) {
            measured.add(Measurement.ratio(
                    "into nothing, " + shape.name() + ": pg_recvlogical",
                    runs,
                    "tidemark",
                    "pg_recvlogical",
                    shape.rowsEach() == 1 ? OF_SERVER_SMALL : OF_SERVER_LARGE,
                    "decoding and encoding of rows in two threads, JVM start-up and warm-up"));
        } else {
            session.say("  there is no pg_recvlogical on the PATH: not compared");
        }
        return measured;
    }
}
