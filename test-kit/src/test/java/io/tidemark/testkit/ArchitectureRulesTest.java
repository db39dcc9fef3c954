package io.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import fixtures.Misnamed;
import fixtures.Sleepers;
import io.tidemark.stores.redis.Peeking;
import org.junit.jupiter.api.Test;

class ArchitectureRulesTest {

    @Test
    void a_test_by_another_name_is_found() {
        assertThatThrownBy(() -> ArchitectureRules.testNames().check(classes(Misnamed.class)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("rename");
    }

    @Test
    void a_test_class_inside_a_test_class_is_fine() {
        ArchitectureRules.testNames().check(classes(ArchitectureRulesTest.class));
    }

    @Test
    void sleeping_is_found() {
        assertThatThrownBy(() -> ArchitectureRules.noSleep().check(classes(Sleepers.class)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("wait for a condition");
    }

    @Test
    void a_store_that_uses_the_local_stack_is_found() {
        assertThat(ArchitectureRules.layers())
                .filteredOn(rule -> rule.evaluate(classes(Peeking.class)).hasViolation())
                .singleElement()
                .satisfies(rule -> assertThat(rule.getDescription()).contains("stores.redis may use only [model]"));
    }

    @Test
    void every_part_of_the_design_has_its_layer() {
        assertThat(ArchitectureRules.layers()).hasSize(11);
    }

    private static JavaClasses classes(Class<?> type) {
        return new ClassFileImporter().importClasses(type);
    }
}
