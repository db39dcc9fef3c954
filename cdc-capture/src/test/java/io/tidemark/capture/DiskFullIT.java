package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.localstack.KafkaBroker;
import io.tidemark.localstack.LocalStack;
import io.tidemark.localstack.ServerKind;
import io.tidemark.localstack.StackPlan;
import io.tidemark.model.Lsn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The broker's disk is full: capture waits, the slot keeps what is not durable, and all of it arrives later. */
@Timeout(300)
class DiskFullIT {

    private static final Map<String, String> IMPATIENT =
            Map.of("max.block.ms", "5000", "delivery.timeout.ms", "6000", "request.timeout.ms", "5000");

    /** A megabyte that does not become smaller by compression. */
    private static final String ROWS = "INSERT INTO items SELECT n, (SELECT string_agg(md5((n * i)::text), '')"
            + " FROM generate_series(1, 3000) i) FROM generate_series(11, 20) n";

    @TempDir
    private Path directory;

    @Test
    void what_is_committed_while_the_brokers_disk_is_full_arrives_when_there_is_room() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"), 64);
                LocalStack stack = LocalStack.start(StackPlan.builder(ServerKind.POSTGRES, ServerKind.KAFKA)
                        .setting(
                                ServerKind.KAFKA, "log.dirs", disk.make("kafka").toString())
                        .build());
                SourceUnderCapture items = SourceUnderCapture.at(stack.postgres(), stack.kafka(), IMPATIENT)) {
            items.startAndCatchUp();
            items.execute("INSERT INTO items SELECT generate_series(1, 10)");
            items.catchUp();

            disk.fill();
            items.execute(ROWS);
            Lsn token = items.token();
            KafkaBroker broker = stack.kafka().brokers().get(0);
            Awaitility.await("the broker gives up")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !broker.isAlive());
            Awaitility.await("capture waits")
                    .during(Duration.ofSeconds(15))
                    .atMost(Duration.ofSeconds(17))
                    .until(() -> !items.runner().ended().isDone());
            assertThat(items.confirmed())
                    .as("the slot keeps what is not durable")
                    .isLessThan(token);

            disk.makeRoom();
            broker.restart();
            items.catchUp();

            items.assertNothingLostOrTwice();
        }
    }
}
