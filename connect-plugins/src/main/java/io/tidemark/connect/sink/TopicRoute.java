package io.tidemark.connect.sink;

import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Where records come from and, after transforms, where they are to go.
 *
 * @param original topic they were read from, whose offsets and positions are theirs
 * @param topic that they are called now
 */
record TopicRoute(String original, String topic) {

    static TopicRoute of(SinkRecord record) {
        return new TopicRoute(record.originalTopic(), record.topic());
    }
}
