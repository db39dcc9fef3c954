package io.tidemark.app.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random definitions over random histories: at every marker of every partition of the documents topics, the documents up
 * to it are what PostgreSQL made of the definition at exactly that tidemark. {@code -Dtidemark.model.seed} repeats a
 * failure's tables, definitions and transactions.
 */
class AssemblerModelIT {

    private static final long SEED = Long.getLong("tidemark.model.seed", System.nanoTime());
    private static final int RUNS = Integer.getInteger("tidemark.model.runs", 1);

    /** Kafka counts on an instance that left, or was killed, for 10 s more, so each change may take that long. */
    private static final int CHANGES = RUNS == 1 ? 1 : 4;

    @TempDir
    private Path directory;

    /** What is done with a run between its start and the judgement. */
    private interface Course {
        void take(ModelRun run) throws Exception;
    }

    @Test
    void every_marker_is_true_when_tidemarks_come_one_by_one() throws Exception {
        int seen = runs(run -> {
            run.write(5);
            run.assemble();
            for (int i = 0; i < 30; i++) {
                run.awaitMarkers();
                run.write(1);
            }
        });
        assertThat(seen).as("tidemarks with a marker").isGreaterThan(10 * RUNS);
    }

    @Test
    void every_marker_is_true_when_tidemarks_are_coalesced() throws Exception {
        int seen = runs(run -> {
            run.write(30);
            run.assemble();
            run.write(10);
            run.awaitMarkers();
            run.write(300);
        });
        assertThat(seen).as("tidemarks with a marker").isGreaterThan(RUNS);
    }

    @Test
    void every_marker_is_true_while_instances_come_and_go() throws Exception {
        int seen = runs(run -> {
            run.write(5);
            run.assemble();
            for (int i = 0; i < CHANGES; i++) {
                run.awaitMarkers();
                run.write(20);
                run.changeInstances();
                run.write(60);
            }
        });
        assertThat(seen).as("tidemarks with a marker").isGreaterThan(RUNS);
    }

    @Test
    void every_marker_is_true_while_instances_are_killed() throws Exception {
        int seen = runs(run -> {
            run.write(5);
            run.assembleApart();
            run.assembleApart();
            for (int i = 0; i < CHANGES; i++) {
                run.awaitMarkers();
                run.write(60);
                run.killInstance();
                run.write(20);
            }
        });
        assertThat(seen).as("tidemarks with a marker").isGreaterThan(RUNS);
    }

    private int runs(Course course) throws Exception {
        int seen = 0;
        for (int number = 0; number < RUNS; number++) {
            try (ModelRun run = new ModelRun(SEED + number, directory)) {
                System.out.println(run.description());
                run.start();
                course.take(run);
                run.awaitMarkers();
                int judged = run.judge();
                System.out.println(
                        "seed " + (SEED + number) + ": true at " + judged + " tidemarks, " + run.sent() + " documents");
                seen += judged;
            }
        }
        return seen;
    }
}
