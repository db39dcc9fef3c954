package io.tidemark.benchmarks;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a process under measure is told: where to read, where to write, under which name.
 *
 * @param name of the slot and prefix of the topics
 * @param rows to deliver before it ends; 0 for a process that is ended from outside
 */
record Lane(String jdbcUrl, String user, String password, String bootstrapServers, String name, long rows) {

    static final TableId TABLE = new TableId("public", "rows");
    static final String PUBLICATION = "benchmarks";
    static final int PARTITIONS = 6;

    /** A record's largest size in Kafka: a wide row must fit. */
    static final int RECORD_BYTES = 8 << 20;

    static Lane of(String[] arguments) {
        return new Lane(
                arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], Long.parseLong(arguments[5]));
    }

    List<String> arguments() {
        return List.of(jdbcUrl, user, password, bootstrapServers, name, Long.toString(rows));
    }

    Lane delivering(long count) {
        return new Lane(jdbcUrl, user, password, bootstrapServers, name, count);
    }

    Topics topics() {
        return new Topics(name);
    }

    CaptureSettings captureSettings() {
        return new CaptureSettings(
                new CaptureSettings.Source(jdbcUrl, user, new Secret(password)),
                List.of(TABLE),
                name,
                PUBLICATION,
                Map.of("bootstrap.servers", bootstrapServers, "max.request.size", Integer.toString(RECORD_BYTES)),
                topics(),
                PARTITIONS,
                Duration.ofDays(1));
    }
}
