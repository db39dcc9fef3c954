package io.tidemark.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * PostgreSQL's own {@code pg_recvlogical} with pgoutput, to {@code /dev/null}: nearly what the server can send. It tells
 * nobody what it received, so each run is verified by a second one, whose output is read.
 */
final class RecvLogical implements Contender {

    private static final int BUFFER = 1 << 20;

    private final Testbed testbed;
    private final Path program;
    private final Lane timed;
    private final Lane verified;

    RecvLogical(Testbed testbed, Path program) {
        this.testbed = testbed;
        this.program = program;
        this.timed = testbed.lane();
        this.verified = testbed.lane();
    }

    /** Where it is on this machine: the servers' own binaries come without it. */
    static Optional<Path> find() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin");
        return Stream.of(path.split(":", -1))
                .map(place -> Path.of(place, "pg_recvlogical"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    @Override
    public String name() {
        return "pg_recvlogical";
    }

    @Override
    public void prepare() {
        testbed.createSlot(timed.name());
        testbed.createSlot(verified.name());
    }

    @Override
    public Run run(Backlog backlog) throws IOException, InterruptedException {
        verify(backlog);
        try (Worker worker = start(timed, backlog, "/dev/null")) {
            double silentSeconds = worker.awaitEnd();
            double seconds = worker.seconds();
            return new Run(backlog.expected().rows(), seconds - silentSeconds, seconds, worker.cpuSeconds());
        }
    }

    private void verify(Backlog backlog) throws IOException, InterruptedException {
        Path output = Files.createTempFile(testbed.directory(), "pg_recvlogical-", ".out");
        try (Worker worker = start(verified, backlog, output.toString())) {
            worker.awaitEnd();
            digest(output).require(backlog.expected(), name());
        } finally {
            Files.delete(output);
        }
    }

    private static Digest digest(Path output) throws IOException {
        RowDigest digest = new RowDigest();
        byte[] buffer = new byte[BUFFER];
        int held = 0;
        try (InputStream input = Files.newInputStream(output)) {
            for (int read = input.read(buffer); read >= 0; read = input.read(buffer, held, BUFFER - held)) {
                int end = held + read;
                int from = digest.add(buffer, end);
                held = end - from;
                System.arraycopy(buffer, from, buffer, 0, held);
            }
        }
        return digest.digest();
    }

    private Worker start(Lane lane, Backlog backlog, String output) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString(), "--start", "--no-loop"));
        command.addAll(List.of("-h", "127.0.0.1", "-p", Integer.toString(testbed.postgresPort()), "-U", lane.user()));
        command.addAll(List.of("-d", "bench", "-S", lane.name(), "-f", output));
        command.addAll(List.of("-o", "proto_version=1", "-o", "publication_names=" + Lane.PUBLICATION));
        command.addAll(List.of("--endpos", backlog.end().toString()));
        return Worker.program(testbed, "pg_recvlogical", command, Map.of("PGPASSWORD", lane.password()));
    }

    @Override
    public void close() {
        testbed.dropSlot(timed.name());
        testbed.dropSlot(verified.name());
    }
}
