package io.tidemark.benchmarks;

import io.tidemark.capture.CaptureRunner;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** What {@code tidemark capture} runs. A row counts as delivered when a tidemark covers it. */
final class TidemarkToKafka extends ToKafka {

    /** Said by the process at its end. */
    static final String PEAK_HEAP_MB = "peak_heap_mb";

    /** Said by the process while it takes the snapshot: rows read so far. */
    static final String SNAPSHOT_ROWS = "snapshot_rows";

    private static final int LOOK_AT_HEAP_EVERY_MS = 20;

    private final int heapMb;

    TidemarkToKafka(Testbed testbed) {
        this(testbed, Worker.HEAP_MB);
    }

    TidemarkToKafka(Testbed testbed, int heapMb) {
        super(testbed);
        this.heapMb = heapMb;
    }

    @Override
    public String name() {
        return "tidemark";
    }

    /** Takes the snapshot of the empty table: the slot and the topics are there afterwards. */
    @Override
    public void prepare() {
        try (CaptureRunner capture = new CaptureRunner(lane().captureSettings(), SnapshotProgress.NONE)) {
            capture.start();
            awaitFirstTidemark();
        }
    }

    private void awaitFirstTidemark() {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (topic().tidemarkMs(Lsn.ZERO).isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("Capture took no snapshot of an empty table within two minutes");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    @Override
    Worker start() throws IOException {
        return Worker.jvm(testbed(), heapMb, TidemarkToKafka.class, lane().arguments());
    }

    @Override
    boolean isComplete(Backlog backlog) {
        return topic().tidemarkMs(backlog.end()).isPresent();
    }

    @Override
    long lastMs(ChangeTopic.Content content, Backlog backlog) {
        return topic().tidemarkMs(backlog.end()).orElseThrow();
    }

    public static void main(String[] arguments) throws Exception {
        AtomicLong peakHeap = new AtomicLong();
        watchHeap(peakHeap);
        try (CaptureRunner capture =
                new CaptureRunner(Lane.of(arguments).captureSettings(), report -> say(SNAPSHOT_ROWS, report.rows()))) {
            var unused = capture.ended().exceptionally(TidemarkToKafka::fail);
            capture.start();
            Tally.awaitHarness();
            say(PEAK_HEAP_MB, peakHeap.get() >> 20);
        }
    }

    private static void watchHeap(AtomicLong peak) {
        Thread watch = new Thread(
                () -> {
                    while (true) {
                        peak.accumulateAndGet(
                                ManagementFactory.getMemoryMXBean()
                                        .getHeapMemoryUsage()
                                        .getUsed(),
                                Math::max);
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_AT_HEAP_EVERY_MS));
                    }
                },
                "heap");
        watch.setDaemon(true);
        watch.start();
    }

    private static void say(String what, long number) {
        System.out.println(Json.text(Json.object().put(what, number)));
    }

    private static Void fail(Throwable failure) {
        System.err.println("Capture ended: " + failure.getMessage());
        Runtime.getRuntime().halt(1);
        throw new IllegalStateException(failure);
    }
}
