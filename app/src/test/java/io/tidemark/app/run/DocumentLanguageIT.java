package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.sql.SqlScript;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents that use all of the language, against the SQL generated from it, which PostgreSQL answers. */
class DocumentLanguageIT {

    private static final Path BLOG = Path.of("src", "test", "resources", "blog");
    private static final int ROUNDS = 4;

    @TempDir
    private Path directory;

    private Slice slice;

    @BeforeEach
    void makeTables() throws Exception {
        slice = new Slice(directory, "blog", BLOG.resolve("tidemark.yml"));
        try (Connection connection = slice.source()) {
            SqlScript.load(BLOG.resolve("blog.sql")).run(connection);
        }
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    @Test
    void documents_equal_what_postgresql_makes_of_the_definition_after_any_changes() throws Exception {
        traffic(0, 150);
        slice.start();
        long compared = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            traffic(round, 150);
            slice.awaitEverything();
            for (Report report : slice.reconcile()) {
                assertThat(report.verdict())
                        .as("round %s: %s", round, report.text())
                        .isEqualTo(Verdict.NO_DRIFT);
                compared += report.compared();
            }
        }
        assertThat(compared).isGreaterThan(5L * ROUNDS);
    }

    private void traffic(long seed, int transactions) throws SQLException {
        try (Connection connection = slice.source()) {
            new BlogTraffic(seed).run(connection, transactions);
        }
    }
}
