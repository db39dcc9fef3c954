package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.MainProcess;
import io.tidemark.capture.CaptureRunner;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.model.Lsn;
import io.tidemark.projections.AssemblerStatus;
import io.tidemark.projections.DocumentProjection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that assembles documents is killed: what the one beside it has to restore before it goes on. */
@Timeout(300)
class StandbyIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration QUIET = Duration.ofSeconds(2);

    @TempDir
    private Path directory;

    private final AtomicReference<DocumentProjection> documents = new AtomicReference<>();

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void a_successor_with_a_standby_takes_over_without_restoring_what_was_assembled(int standbys) throws Exception {
        try (Slice slice = new Slice(
                directory,
                "shop",
                text -> text.replace("  partitions: 2", "  partitions: 2\n  standbys: " + standbys))) {
            slice.seedShop(1, 200, 100, 1000);
            String model = slice.plan().models().get(0).name();
            try (CaptureRunner capture = new CaptureRunner(slice.plan().capture(), SnapshotProgress.NONE)) {
                capture.start();
                capture.awaitCovered();
                takeOver(slice, model, standbys);
            }
        }
    }

    private void takeOver(Slice slice, String model, int standbys) throws Exception {
        MainProcess first = MainProcess.start(
                directory,
                "project",
                model,
                "-c",
                slice.configFile().toString(),
                "--state",
                directory.resolve("first").toString());
        first.awaitSaying("projecting " + model);
        awaitAssembled(slice, model);
        try (Pipeline second = new Pipeline(slice.plan(), directory.resolve("second"), watching())) {
            second.startReadModels(slice.plan().models().subList(0, 1), waits -> {});
            AssemblerStatus beside = awaitQuiet(standbys > 0);

            first.kill();
            Lsn token = change(slice);
            assertThat(second.await(token, PATIENCE)).as("it goes on").isTrue();
            AssemblerStatus after = status();
            long restored = after.restored() - beside.restored();
            if (standbys > 0) {
                assertThat(beside.copied()).as("records of the copy").isGreaterThan(2000);
                assertThat(restored).as("restored records").isLessThan(beside.copied() / 10);
            } else {
                assertThat(beside.copied() + restored).as("restored records").isGreaterThan(2000);
                assertThat(restored).as("restored after the kill").isGreaterThan(1000);
            }
        } finally {
            first.kill();
        }
    }

    private PipelineObserver watching() {
        return new PipelineObserver() {
            @Override
            public void documents(String model, DocumentProjection projection) {
                documents.set(projection);
            }
        };
    }

    private AssemblerStatus status() {
        return documents.get().assembler();
    }

    /** Everything there is has been assembled, by whomever. */
    private static void awaitAssembled(Slice slice, String model) throws Exception {
        Lsn token = slice.token();
        StoreAccess access = StoreAccess.ofCaptured(slice.plan());
        var target = slice.plan().targets(slice.plan().model(model)).get(0);
        try (var reader = access.reader(slice.plan().model(model), target)) {
            Awaitility.await("documents as of " + token).atMost(PATIENCE).until(() -> reader.appliedTidemark()
                    .filter(applied -> !applied.lsn().isBefore(token))
                    .isPresent());
        }
    }

    /** What it reads of the state of others, it has read. */
    private AssemblerStatus awaitQuiet(boolean copies) {
        AtomicReference<AssemblerStatus> last = new AtomicReference<>(status());
        Awaitility.await("the second process")
                .atMost(PATIENCE)
                .pollInterval(QUIET)
                .until(() -> {
                    AssemblerStatus now = status();
                    AssemblerStatus before = last.getAndSet(now);
                    return now.isRunning() && now.copied() - before.copied() < 500 && (!copies || now.copied() > 2000);
                });
        return last.get();
    }

    private static Lsn change(Slice slice) throws Exception {
        slice.execute("UPDATE customers SET tier = 'gold' WHERE id = 1");
        return slice.token();
    }
}
