package io.tidemark.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every case as a test. A store's integration test extends this. */
public abstract class DocumentStoreConformance {

    /** A store with nothing in it, for one case. */
    protected abstract StoreUnderTest store();

    @TestFactory
    Stream<DynamicTest> it_does_what_every_store_does() {
        return Conformance.cases().stream().map(each -> DynamicTest.dynamicTest(each.name(), () -> each.run(store())));
    }

    @Test
    void every_difference_has_a_reason() {
        try (StoreUnderTest store = store()) {
            assertThat(store.differences().values())
                    .allSatisfy(reason -> assertThat(reason).contains(" "));
        }
    }
}
