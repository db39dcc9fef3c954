package io.tidemark.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ConformanceTest {

    @TestFactory
    Stream<DynamicTest> each_defect_fails_the_cases_it_should_and_no_other() {
        return Arrays.stream(Defect.values())
                .map(defect -> DynamicTest.dynamicTest(
                        defect.name(), () -> assertThat(failing(() -> new InMemoryStore(defect)))
                                .containsExactlyElementsOf(defect.findings())));
    }

    @Test
    void every_case_is_failed_by_some_defect() {
        List<String> names =
                Conformance.cases().stream().map(ConformanceCase::name).toList();
        assertThat(Arrays.stream(Defect.values()).flatMap(defect -> defect.findings().stream()))
                .containsAll(names);
        assertThat(names).doesNotHaveDuplicates();
    }

    @TestFactory
    Stream<DynamicTest> a_difference_that_is_declared_and_not_so_fails() {
        return Arrays.stream(Difference.values())
                .map(difference -> DynamicTest.dynamicTest(difference.name(), () -> assertThat(
                                failing(() -> new InMemoryStore(Defect.NONE, Map.of(difference, "none at all"))))
                        .isNotEmpty()));
    }

    @Test
    void a_difference_that_is_declared_and_so_passes() {
        Map<Difference, String> declared = new EnumMap<>(Difference.class);
        declared.put(Difference.RESTART_FORGETS_DELETES, "it keeps them in memory");
        assertThat(failing(() -> new InMemoryStore(Defect.RESTART_FORGETS_DELETES, declared)))
                .isEmpty();
        Map<Difference, String> oneWriter = Map.of(Difference.ONE_WRITER, "it counts epochs");
        assertThat(failing(() -> new InMemoryStore(Defect.NEWEST_WRITER_OWNS_IT, oneWriter)))
                .isEmpty();
    }

    private static List<String> failing(Supplier<InMemoryStore> store) {
        List<String> failing = new ArrayList<>();
        for (ConformanceCase each : Conformance.cases()) {
            try {
                each.run(store.get());
            } catch (Exception | AssertionError e) {
                failing.add(each.name());
            }
        }
        return failing;
    }
}
