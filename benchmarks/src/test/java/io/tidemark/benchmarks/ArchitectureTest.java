package io.tidemark.benchmarks;

import io.tidemark.testkit.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    @Test
    void this_module_and_those_below_keep_the_rules() {
        ArchitectureRules.check();
    }
}
