package io.tidemark.connect;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.tidemark.testkit.ArchitectureRules;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    @Test
    void the_code_keeps_the_rules() {
        ArchitectureRules.check();
    }

    /** Each is in a jar of its own, without the libraries of the others. */
    @Test
    void what_families_share_knows_no_store_and_families_are_blind_to_each_other() {
        var classes = new ClassFileImporter().importPath(Path.of("target", "classes"));
        String root = "io.tidemark.connect.";
        String[] families = {"elasticsearch", "redis", "sql", "transforms", "converter"};
        noClasses()
                .that()
                .resideInAnyPackage(root + "sink..", root + "transforms..", root + "converter..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.tidemark.stores..", root + "elasticsearch..", root + "redis..", root + "sql..")
                .because("the store's zip has its classes, the others do not: go through TargetStore")
                .check(classes);
        for (String family : families) {
            for (String other : families) {
                boolean together =
                        family.equals(other) || (family + other).matches("transformsconverter|convertertransforms");
                if (!together) {
                    noClasses()
                            .that()
                            .resideInAPackage(root + family + "..")
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(root + other + "..", "io.tidemark.stores." + other + "..")
                            .because("zips are installed one by one")
                            .check(classes);
                }
            }
        }
    }
}
