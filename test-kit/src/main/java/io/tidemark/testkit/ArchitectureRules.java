package io.tidemark.testkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The rules every module's code is checked by, each with a message that says how to mend what breaks it.
 * A module's {@code ArchitectureTest} calls {@link #check()}.
 */
public final class ArchitectureRules {

    private static final String ROOT = "io.tidemark";
    private static final Path MAIN_OUTPUT = Path.of("target", "classes");
    private static final Path TEST_OUTPUT = Path.of("target", "test-classes");
    private static final String TESTABLE = "org.junit.platform.commons.annotation.Testable";

    /** What each part may use beside itself: section 2 of the design, by packages below {@code io.tidemark}. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("model", Set.of()),
            Map.entry("stores.elasticsearch", Set.of("model")),
            Map.entry("stores.redis", Set.of("model")),
            Map.entry("stores.sql", Set.of("model")),
            Map.entry("capture", Set.of("model")),
            Map.entry("projections", Set.of("model")),
            Map.entry("reconciliation", Set.of("model")),
            Map.entry("connect", Set.of("model", "stores.elasticsearch", "stores.redis", "stores.sql")),
            Map.entry("localstack", Set.of()),
            Map.entry("testkit", Set.of("model", "localstack")),
            Map.entry(
                    "app",
                    Set.of(
                            "model",
                            "stores.elasticsearch",
                            "stores.redis",
                            "stores.sql",
                            "capture",
                            "projections",
                            "reconciliation",
                            "localstack")));

    private ArchitectureRules() {}

    /** Checks all rules against what the module whose tests are running was compiled to. */
    public static void check() {
        JavaClasses main = compiled(MAIN_OUTPUT);
        JavaClasses all = compiled(MAIN_OUTPUT, TEST_OUTPUT);
        layers().forEach(rule -> rule.check(main));
        testNames().check(all);
        noSleep().check(all);
    }

    /** Parts use only what section 2 of the design allows. For main classes: tests may use what they like. */
    public static List<ArchRule> layers() {
        return MAY_USE.entrySet().stream()
                .map(part -> layer(part.getKey(), part.getValue()))
                .toList();
    }

    /** Surefire finds {@code *Test}, failsafe {@code *IT}: a test by another name is never run. */
    public static ArchRule testNames() {
        return classes()
                .that(declareTests())
                .should()
                .haveNameMatching("[^$]+(Test|IT)(\\$.*)?")
                .because("tests by other names are never run: rename to *Test (no I/O) or *IT (real servers)")
                .allowEmptyShould(true);
    }

    /** Nobody sleeps and hopes. */
    public static ArchRule noSleep() {
        return noClasses()
                .should()
                .callMethodWhere(sleeps())
                .because(
                        "sleeping is too short on one machine and too long on all others:"
                                + " wait for a condition, bounded (Awaitility in tests, a scheduled executor or a condition in main)")
                .allowEmptyShould(true);
    }

    private static ArchRule layer(String part, Set<String> allowed) {
        String[] forbidden = MAY_USE.keySet().stream()
                .filter(other -> !other.equals(part) && !allowed.contains(other))
                .map(ArchitectureRules::packages)
                .toArray(String[]::new);
        String uses = allowed.isEmpty() ? "no other part" : "only " + new TreeSet<>(allowed);
        return noClasses()
                .that()
                .resideInAPackage(packages(part))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .because(part + " may use " + uses
                        + ": move what both need to model (values, interfaces), or wire them in app")
                .allowEmptyShould(true);
    }

    private static String packages(String part) {
        return ROOT + "." + part + "..";
    }

    /** Suites for others to extend are abstract, and named as they like. */
    private static DescribedPredicate<JavaClass> declareTests() {
        return DescribedPredicate.describe(
                "declare tests",
                type -> !type.getModifiers().contains(JavaModifier.ABSTRACT)
                        && type.getMethods().stream()
                                .anyMatch(method ->
                                        method.isAnnotatedWith(TESTABLE) || method.isMetaAnnotatedWith(TESTABLE)));
    }

    private static DescribedPredicate<JavaMethodCall> sleeps() {
        return DescribedPredicate.describe(
                "it sleeps",
                call -> call.getTarget().getName().equals("sleep")
                        && (call.getTargetOwner().isEquivalentTo(Thread.class)
                                || call.getTargetOwner().isEquivalentTo(TimeUnit.class)));
    }

    /** Tests run in the module's own directory. */
    private static JavaClasses compiled(Path... outputs) {
        List<Path> present = Stream.of(outputs).filter(Files::isDirectory).toList();
        if (present.isEmpty()) {
            throw new IllegalStateException(
                    "No compiled classes below " + Path.of("").toAbsolutePath());
        }
        return new ClassFileImporter().importPaths(present).that(JavaClass.Predicates.resideInAPackage(ROOT + ".."));
    }
}
