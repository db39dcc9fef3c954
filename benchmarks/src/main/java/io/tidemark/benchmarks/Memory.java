package io.tidemark.benchmarks;

import io.tidemark.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Capture with a small heap while one huge transaction passes. That it arrives whole is the proof that the heap is enough. */
final class Memory implements Scenario {

    private static final int HEAP_MB = 512;
    private static final int LONG_ROWS = 1_000_000;

    /** Makes a payload 1 MiB long. */
    private static final String MEGABYTE = " || repeat(md5(id::text), 32768 - 3)";

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        List<Measurement> measured = new ArrayList<>();
        int rows = (int) Math.max(1, LONG_ROWS * session.scale());
        measured.add(measure(session, new Shape("one transaction of " + rows + " rows", 1, rows), ""));
        // Out of line and not compressed, so that the WAL has all of it.
        session.testbed().execute("ALTER TABLE public.rows ALTER COLUMN payload SET STORAGE EXTERNAL");
        int wide = session.wideRows();
        measured.add(measure(session, new Shape("one transaction of " + wide + " rows of 1 MB", 1, wide), MEGABYTE));
        return measured;
    }

    private static Measurement measure(Session session, Shape shape, String appended)
            throws IOException, InterruptedException {
        session.begin("memory: " + shape.name());
        try (TidemarkToKafka capture = new TidemarkToKafka(session.testbed(), HEAP_MB)) {
            capture.prepare();
            Backlog backlog = session.testbed().write(shape, appended);
            long[] peakPss = {0};
            try (Worker worker = capture.start()) {
                worker.await(() -> {
                    peakPss[0] = Math.max(peakPss[0], pssMb(worker.pid()));
                    return capture.topic().appended() >= shape.rows() && capture.isComplete(backlog);
                });
                double seconds = worker.seconds();
                worker.askToEnd();
                long heap = worker.awaitSaying(TidemarkToKafka.PEAK_HEAP_MB)
                        .get(TidemarkToKafka.PEAK_HEAP_MB)
                        .asLong();
                capture.topic().read(new RowDigest()).digest().require(backlog.expected(), capture.name());
                String bound = String.format(
                        Locale.ROOT,
                        "-Xmx%dm was enough; peak PSS %d MB; %.0f s; queue (64 MB) and producer (32 MB) are bounded",
                        HEAP_MB,
                        peakPss[0],
                        seconds);
                session.say("  " + bound);
                return new Measurement(
                        "memory, " + shape.name() + ": peak heap",
                        heap,
                        "MB",
                        HEAP_MB,
                        bound,
                        Json.object().put("peak_pss_mb", peakPss[0]).put("seconds", seconds));
            }
        }
    }

    /** Proportional share of memory, as the kernel has it; 0 where it does not tell. */
    static long pssMb(long pid) {
        Path rollup = Path.of("/proc", Long.toString(pid), "smaps_rollup");
        try (Stream<String> lines = Files.lines(rollup)) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
