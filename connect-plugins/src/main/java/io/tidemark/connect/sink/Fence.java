package io.tidemark.connect.sink;

import org.apache.kafka.connect.sink.SinkRecord;

/** What is the version of a topic's records. */
enum Fence {
    /** The position of its transaction in the source, and the order within it. */
    POSITION("the position of its transaction in the source"),

    /** That of the record in its topic. */
    OFFSET("its offset in the topic, which does not protect from records that the topic itself has twice or in"
            + " another order than the source (a connector that starts again and repeats, a repartitioned or"
            + " mirrored topic)");

    private final String words;

    Fence(String words) {
        this.words = words;
    }

    static Fence of(SinkRecord record) {
        return Headers.hasPosition(record) ? POSITION : OFFSET;
    }

    /** For people. */
    @Override
    public String toString() {
        return words;
    }
}
