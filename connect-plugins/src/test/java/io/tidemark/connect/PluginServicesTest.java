package io.tidemark.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.connect.components.ConnectPlugin;
import org.junit.jupiter.api.Test;

class PluginServicesTest {

    private static final Path SERVICES = Path.of("src", "main", "services");

    @Test
    void every_plugin_is_registered_under_its_type_and_nothing_else_is() throws IOException {
        Set<String> registered = new TreeSet<>();
        try (Stream<Path> files = Files.walk(SERVICES).filter(Files::isRegularFile)) {
            files.forEach(file -> lines(file).forEach(name -> {
                assertThat(isA(file.getFileName().toString(), name))
                        .as("%s in %s", name, file)
                        .isTrue();
                assertThat(name).contains("." + family(file) + (family(file).equals("transforms") ? "" : "."));
                registered.add(name);
            }));
        }
        assertThat(registered).isEqualTo(plugins());
    }

    @Test
    void every_plugin_says_the_version_of_the_build() {
        assertThat(PluginVersion.get()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
    }

    private static String family(Path file) {
        String directory = file.getParent().getFileName().toString();
        return directory.equals("transforms") && file.getFileName().toString().endsWith("Converter")
                ? "converter"
                : directory;
    }

    private static boolean isA(String type, String name) {
        try {
            return Class.forName(type).isAssignableFrom(Class.forName(name));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> plugins() {
        return new ClassFileImporter()
                .importPath(Path.of("target", "classes")).stream()
                        .filter(type -> type.isAssignableTo(ConnectPlugin.class))
                        .filter(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
                        .map(JavaClass::getName)
                        .collect(Collectors.toCollection(TreeSet::new));
    }
}
