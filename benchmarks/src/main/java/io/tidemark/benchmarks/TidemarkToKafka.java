package io.tidemark.benchmarks;

import io.tidemark.capture.CaptureRunner;
import io.tidemark.model.Json;
import java.io.IOException;

/** What {@code tidemark capture} runs. A row counts as delivered when a tidemark covers it. */
final class TidemarkToKafka extends ToKafka {

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
        try (CaptureRunner capture = new CaptureRunner(lane().captureSettings(), (table, rows) -> {})) {
            capture.start();
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
        try (CaptureRunner capture =
                new CaptureRunner(Lane.of(arguments).captureSettings(), (table, rows) -> say("snapshot", rows))) {
            var unused = capture.ended().exceptionally(TidemarkToKafka::fail);
            capture.start();
            Tally.awaitHarness();
        }
    }

    private static void say(String what, long rows) {
        System.out.println(Json.text(Json.object().put(what, rows)));
    }

    private static Void fail(Throwable failure) {
        System.err.println("Capture ended: " + failure.getMessage());
        Runtime.getRuntime().halt(1);
        throw new IllegalStateException(failure);
    }
}
