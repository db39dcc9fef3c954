package io.tidemark.benchmarks;

import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.format.JsonByteArray;
import java.util.List;
import java.util.Properties;

/** The stock Debezium engine, JSON without schemas, to a consumer that drops. */
final class DebeziumToNothing extends ToNothing {

    DebeziumToNothing(Testbed testbed) {
        super(testbed);
    }

    @Override
    public String name() {
        return "debezium engine";
    }

    public static void main(String[] arguments) throws Exception {
        Lane lane = Lane.of(arguments);
        Tally tally = new Tally(lane.rows());
        Properties properties = new Properties();
        properties.putAll(DebeziumSettings.connector(lane, "no_data"));
        properties.setProperty("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
        properties.setProperty("key.converter.schemas.enable", "false");
        properties.setProperty("value.converter.schemas.enable", "false");
        DebeziumEngine<ChangeEvent<byte[], byte[]>> engine = DebeziumEngine.create(JsonByteArray.class)
                .using(properties)
                .notifying((events, committer) -> drop(events, committer, tally))
                .build();
        Thread reading = new Thread(engine, "engine");
        reading.setDaemon(true);
        reading.start();
        tally.report();
        engine.close();
    }

    private static void drop(
            List<ChangeEvent<byte[], byte[]>> events,
            RecordCommitter<ChangeEvent<byte[], byte[]>> committer,
            Tally tally)
            throws InterruptedException {
        for (ChangeEvent<byte[], byte[]> event : events) {
            tally.add(event.value());
            committer.markProcessed(event);
        }
        committer.markBatchFinished();
        tally.look();
    }
}
