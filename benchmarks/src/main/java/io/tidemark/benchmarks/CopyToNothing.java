package io.tidemark.benchmarks;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** {@code COPY public.rows TO STDOUT}, its lines counted and dropped: nearly what the server can send. */
final class CopyToNothing implements Contender {

    private final Testbed testbed;
    private final Lane lane;

    CopyToNothing(Testbed testbed) {
        this.testbed = testbed;
        this.lane = testbed.lane();
    }

    @Override
    public String name() {
        return "copy";
    }

    @Override
    public void prepare() {
        // reads the table as it is
    }

    @Override
    public Run run(Backlog backlog) throws IOException {
        return ToNothing.run(testbed, CopyToNothing.class, lane, backlog, name());
    }

    public static void main(String[] arguments) throws Exception {
        Lane lane = Lane.of(arguments);
        Tally tally = new Tally(lane.rows());
        try (Connection connection = DriverManager.getConnection(lane.jdbcUrl(), lane.user(), lane.password())) {
            CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY public.rows TO STDOUT");
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                tally.add(line);
            }
        }
        tally.look();
        tally.report();
    }

    @Override
    public void close() {
        // leaves nothing behind
    }
}
