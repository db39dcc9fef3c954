package io.tidemark.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.localstack.ConnectCluster;
import io.tidemark.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is in the zips. */
class PackagingIT {

    @Test
    void each_family_has_a_zip_with_its_libraries_and_none_of_the_workers() throws IOException {
        assertThat(Plugins.zips()).hasSize(4);
        for (Path family : families()) {
            JsonNode manifest = Json.parse(Files.readAllBytes(family.resolve("manifest.json")));
            assertThat(manifest.path("version").asText()).isEqualTo(PluginVersion.get());
            assertThat(family.getFileName().toString())
                    .startsWith(manifest.path("name").asText());
            assertThat(family.resolve("doc/LICENSE")).exists();
            assertThat(family.resolve("doc/connect.md")).exists();
            assertThat(files(family.resolve("etc"))).isNotEmpty();
            assertThat(files(family.resolve("lib")))
                    .anyMatch(name -> name.startsWith("tidemark-connect-plugins-"))
                    .noneMatch(name ->
                            name.startsWith("kafka") || name.startsWith("connect-") || name.startsWith("slf4j"));
        }
    }

    @Test
    void a_familys_zip_has_no_other_familys_libraries() throws IOException {
        Map<String, String> own = Map.of("elasticsearch", "elasticsearch-", "redis", "jedis-", "sql", "postgresql-");
        for (Path family : families()) {
            own.forEach((name, library) -> {
                boolean ours = family.getFileName().toString().contains("-" + name + "-");
                assertThat(files(family.resolve("lib")).stream().anyMatch(jar -> jar.startsWith(library)))
                        .as("%s in %s", library, family)
                        .isEqualTo(ours);
            });
        }
    }

    @Test
    void every_plugin_is_service_loadable_and_has_the_version_of_the_build() {
        Map<String, String> versions = new TreeMap<>();
        new ConnectRest(Plugins.cluster())
                .plugins()
                .forEach(plugin -> versions.put(
                        plugin.path("class").asText(), plugin.path("version").asText()));
        String listed = ConnectCluster.listPlugins(Plugins.unpacked());
        assertThat(registered()).isNotEmpty().allSatisfy(plugin -> {
            assertThat(versions.get(plugin)).as(plugin).isEqualTo(PluginVersion.get());
            assertThat(listed.lines().filter(line -> line.contains(plugin)))
                    .as(plugin)
                    .isNotEmpty()
                    .allMatch(line -> line.matches(".*\\btrue\\b.*\\btrue\\b.*"));
        });
    }

    private static Set<String> registered() {
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "services"))) {
            return files.filter(Files::isRegularFile)
                    .flatMap(file -> lines(file).stream())
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<Path> families() throws IOException {
        try (Stream<Path> directories = Files.list(Plugins.unpacked())) {
            return directories.sorted().toList();
        }
    }

    private static List<String> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
