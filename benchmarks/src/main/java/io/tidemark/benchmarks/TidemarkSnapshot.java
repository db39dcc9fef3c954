package io.tidemark.benchmarks;

import java.io.IOException;

/** Capture's first snapshot into Kafka, until the tidemark that covers it; on demand killed half way and started again. */
final class TidemarkSnapshot extends ToKafka {

    private final boolean killedAtHalf;

    private TidemarkSnapshot(Testbed testbed, boolean killedAtHalf) {
        super(testbed);
        this.killedAtHalf = killedAtHalf;
    }

    static TidemarkSnapshot whole(Testbed testbed) {
        return new TidemarkSnapshot(testbed, false);
    }

    static TidemarkSnapshot killedAtHalf(Testbed testbed) {
        return new TidemarkSnapshot(testbed, true);
    }

    @Override
    public String name() {
        return killedAtHalf ? "tidemark, killed at half" : "tidemark";
    }

    @Override
    public void prepare() {
        // capture makes all it needs, which is part of its time
    }

    @Override
    public Run run(Backlog backlog) throws IOException, InterruptedException {
        if (!killedAtHalf) {
            return super.run(backlog);
        }
        long half = backlog.expected().rows() / 2;
        try (Worker first = start()) {
            long read = 0;
            while (read < half) {
                read = first.awaitSaying(TidemarkToKafka.SNAPSHOT_ROWS)
                        .get(TidemarkToKafka.SNAPSHOT_ROWS)
                        .asLong();
            }
            double seconds = first.seconds();
            double cpuSeconds = first.cpuSeconds();
            first.kill();
            Run rest = super.run(backlog);
            return new Run(
                    rest.rows(),
                    seconds + rest.processSeconds(),
                    seconds + rest.processSeconds(),
                    cpuSeconds + rest.cpuSeconds());
        }
    }

    @Override
    Worker start() throws IOException {
        return Worker.jvm(testbed(), Worker.HEAP_MB, TidemarkToKafka.class, lane().arguments());
    }

    /** What is read between the last finished range and the kill is read again. */
    @Override
    RowDigest digest() {
        return killedAtHalf ? RowDigest.distinct() : super.digest();
    }

    @Override
    boolean isComplete(Backlog backlog) {
        return topic().tidemarkMs(backlog.end()).isPresent();
    }

    @Override
    long lastMs(ChangeTopic.Content content, Backlog backlog) {
        return topic().tidemarkMs(backlog.end()).orElseThrow();
    }
}
