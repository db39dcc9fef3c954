package io.tidemark.projections.internal.writing;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;

class ProjectionThreadTest {

    private static final class Failing extends ProjectionThread {

        Failing() {
            super("orders -> cache");
        }

        @Override
        KafkaConsumer<byte[], byte[]> open() {
            return new KafkaConsumer<>(ConsumerConfigs.inGroup(Map.of("bootstrap.servers", "127.0.0.1:1"), "group"));
        }

        @Override
        void turn(KafkaConsumer<byte[], byte[]> open) {
            throw new NoSuchElementException();
        }

        @Override
        void release() {}
    }

    @Test
    void what_nobody_expected_is_called_by_its_class() throws Exception {
        try (Failing thread = new Failing()) {
            thread.start();

            Throwable why = thread.ended()
                    .handle((ended, failure) -> failure)
                    .orTimeout(30, TimeUnit.SECONDS)
                    .get();
            assertThat(why)
                    .isInstanceOfSatisfying(TidemarkException.class, known -> assertThat(known.code())
                            .isEqualTo(ErrorCode.FAILED))
                    .hasMessage("orders -> cache stopped: java.util.NoSuchElementException");
        }
    }
}
