package io.tidemark.reconciliation;

import io.tidemark.testkit.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    @Test
    void the_module_keeps_to_its_layer_and_to_the_names_of_tests() {
        ArchitectureRules.check();
    }
}
