package io.tidemark.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The reference pages are what the definitions of the configuration say. */
class ReferencePagesTest {

    private static final Path DOCS = Path.of("..", "docs", "connect");

    @TestFactory
    Stream<DynamicTest> a_page_is_what_the_definition_says() {
        return ReferencePages.all().entrySet().stream()
                .map(page -> DynamicTest.dynamicTest(page.getKey(), () -> check(page)));
    }

    private static void check(Map.Entry<String, String> page) throws IOException {
        Path file = DOCS.resolve(page.getKey());
        if (Boolean.getBoolean("tidemark.docs.write")) {
            Files.writeString(file, page.getValue());
        }
        assertThat(Files.readString(file))
                .as("%s is stale: run the test again with -Dtidemark.docs.write=true", file)
                .isEqualTo(page.getValue());
    }
}
