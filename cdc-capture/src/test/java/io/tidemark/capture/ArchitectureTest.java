package io.tidemark.capture;

import io.tidemark.testkit.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    @Test
    void the_architecture_rules_hold() {
        ArchitectureRules.check();
    }
}
