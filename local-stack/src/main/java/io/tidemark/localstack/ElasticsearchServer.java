package io.tidemark.localstack;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An Elasticsearch node, alone in its cluster, without security. */
public final class ElasticsearchServer extends Server {

    private static final String SNAPSHOTS = "snapshots";

    private final Path home;
    private final List<String> jvmOptions;

    ElasticsearchServer(Site site, int fixedPort, Path home, List<String> jvmOptions) {
        super(site, fixedPort);
        this.home = home;
        this.jvmOptions = List.copyOf(jvmOptions);
    }

    public String url() {
        return "http://127.0.0.1:" + port();
    }

    /** Elasticsearch's script starts a small launcher, and that the node. */
    @Override
    ProcessHandle serverBelow(ProcessHandle launched) {
        return launched.children().findFirst().orElse(launched);
    }

    @Override
    void prepare() throws IOException {
        Files.createDirectories(configuration());
        for (String name : List.of("log4j2.properties", "jvm.options")) {
            Path original = home.resolve("config").resolve(name);
            Files.copy(original, configuration().resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        for (String name : List.of("data", "logs", "temporary", SNAPSHOTS)) {
            Files.createDirectories(site().directory().resolve(name));
        }
        site().account().own(site().directory());
        site().account().requireAccess(site().directory());
    }

    @Override
    Supervisor.Launch launch() throws IOException {
        Files.writeString(configuration().resolve("elasticsearch.yml"), settings());
        String program = home.resolve("bin").resolve("elasticsearch").toString();
        return new Supervisor.Launch(
                site().account(), List.of(program), environment(), site().directory(), site().log());
    }

    @Override
    Optional<String> complaint() {
        URI health = URI.create(url() + "/_cluster/health?wait_for_status=yellow&timeout=1s");
        HttpRequest request =
                HttpRequest.newBuilder(health).timeout(Duration.ofSeconds(3)).build();
        try {
            HttpResponse<String> response =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 ? Optional.empty() : Optional.of("it said " + response.statusCode());
        } catch (IOException e) {
            return Optional.of(e.toString());
        } catch (InterruptedException e) {
            throw Patience.interrupted(e);
        }
    }

    private Path configuration() {
        return site().directory().resolve("config");
    }

    private Map<String, String> environment() {
        String temporary = site().directory().resolve("temporary").toString();
        return Map.of(
                "ES_JAVA_HOME", System.getProperty("java.home"),
                "ES_JAVA_OPTS", String.join(" ", jvmOptions),
                "CLI_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -Djava.io.tmpdir=" + temporary,
                "ES_PATH_CONF", configuration().toString(),
                "ES_TMPDIR", temporary,
                "HOME", site().directory().toString());
    }

    private String settings() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("cluster.name", "tidemark-local");
        all.put("node.name", site().name());
        all.put("path.data", site().directory().resolve("data").toString());
        all.put("path.logs", site().directory().resolve("logs").toString());
        all.put("path.repo", site().directory().resolve(SNAPSHOTS).toString());
        all.put("http.host", "127.0.0.1");
        all.put("transport.host", "127.0.0.1");
        all.put("discovery.type", "single-node");
        all.put("cluster.routing.allocation.disk.threshold_enabled", "false");
        all.putAll(settingsOfModules());
        all.putAll(site().settings());
        all.put("http.port", Integer.toString(port()));
        return all.entrySet().stream()
                .map(setting -> setting.getKey() + ": '" + setting.getValue().replace("'", "''") + "'\n")
                .collect(Collectors.joining());
    }

    /** A setting of a module this distribution lacks would stop the start. */
    private Map<String, String> settingsOfModules() {
        Map<String, String> byModule = Map.of(
                "x-pack-security", "xpack.security.enabled",
                "x-pack-ml", "xpack.ml.enabled",
                "ingest-geoip", "ingest.geoip.downloader.enabled");
        return Stream.of("x-pack-security", "x-pack-ml", "ingest-geoip")
                .filter(module -> Files.isDirectory(home.resolve("modules").resolve(module)))
                .collect(Collectors.toMap(byModule::get, module -> "false"));
    }
}
