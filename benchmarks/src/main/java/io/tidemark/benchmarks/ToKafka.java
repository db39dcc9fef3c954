package io.tidemark.benchmarks;

import java.io.IOException;

/** A contender whose process writes to Kafka, all replicas acknowledging; it is ended when everything is there. */
abstract class ToKafka implements Contender {

    private final Testbed testbed;
    private final Lane lane;
    private final ChangeTopic topic;

    ToKafka(Testbed testbed) {
        this.testbed = testbed;
        this.lane = testbed.lane();
        this.topic = new ChangeTopic(testbed, lane);
    }

    @Override
    public Run run(Backlog backlog) throws IOException, InterruptedException {
        long rows = backlog.expected().rows();
        try (Worker worker = start()) {
            worker.await(() -> topic.appended() >= rows && isComplete(backlog));
            double processSeconds = worker.seconds();
            double cpuSeconds = worker.cpuSeconds();
            worker.kill();
            ChangeTopic.Content content = topic.read(digest());
            content.digest().require(backlog.expected(), name());
            double seconds = (lastMs(content, backlog) - content.firstMs()) / 1e3;
            return new Run(rows, seconds, processSeconds, cpuSeconds);
        }
    }

    abstract Worker start() throws IOException;

    /** What the rows are counted with. */
    RowDigest digest() {
        return new RowDigest();
    }

    /** Whether nothing is to come after as many records as there are rows. */
    boolean isComplete(Backlog backlog) {
        return true;
    }

    /** When the last row was there for good. */
    long lastMs(ChangeTopic.Content content, Backlog backlog) {
        return content.lastMs();
    }

    Testbed testbed() {
        return testbed;
    }

    Lane lane() {
        return lane;
    }

    ChangeTopic topic() {
        return topic;
    }

    @Override
    public void close() {
        testbed.dropSlot(lane.name());
        topic.delete();
    }
}
