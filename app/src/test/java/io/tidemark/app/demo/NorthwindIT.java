package io.tidemark.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.run.Slice;
import io.tidemark.app.sql.SqlScript;
import java.nio.file.Path;
import java.sql.Connection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A schema nobody made for Tidemark: composite keys, a self reference, reals and dates. */
class NorthwindIT {

    private static final Path SQL = Path.of("src", "test", "resources", "northwind", "northwind.sql");

    @TempDir
    private Path directory;

    @Test
    void its_read_models_equal_the_source_after_changes_to_any_row() throws Exception {
        try (Slice slice = new Slice(directory, "northwind")) {
            try (Connection connection = slice.source()) {
                SqlScript.load(SQL).run(connection);
            }
            slice.start();
            long committed = new DemoTraffic.AnySchema(
                            slice::source, slice.plan().relations())
                    .run(3, 300, Double.POSITIVE_INFINITY, (token, nanos) -> {});
            slice.awaitEverything();

            assertThat(committed).isPositive();
            slice.assertNoDrift(5);
        }
    }
}
