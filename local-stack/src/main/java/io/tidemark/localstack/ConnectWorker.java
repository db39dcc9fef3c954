package io.tidemark.localstack;

import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** One distributed worker of Kafka Connect; see {@link ConnectCluster}. */
public final class ConnectWorker extends Server {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int OK = 200;

    private final ConnectPlan plan;
    private final Path jars;
    private final HttpClient http = HttpClient.newHttpClient();

    ConnectWorker(Site site, ConnectPlan plan, Path jars) {
        super(site, 0);
        this.plan = plan;
        this.jars = jars;
    }

    /** Where its REST interface is. */
    public String url() {
        return "http://127.0.0.1:" + port();
    }

    @Override
    void prepare() throws IOException {
        ownDirectory("temporary");
    }

    @Override
    Supervisor.Launch launch() throws IOException {
        writeConfiguration();
        List<String> command = new ArrayList<>(java(jars, temporary()));
        command.addAll(List.of(
                "org.apache.kafka.connect.cli.ConnectDistributed",
                configuration().toString()));
        return new Supervisor.Launch(site().account(), command, Map.of(), site().directory(), site().log());
    }

    /** Java with the worker's class path. */
    static List<String> java(Path jars, Path temporary) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + temporary,
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
                "-cp",
                jars.resolve("*").toString());
    }

    /** It is healthy once it is a member of its group and has read what the cluster is to run. */
    @Override
    Optional<String> complaint() {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url() + "/health"))
                .timeout(TIMEOUT)
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == OK ? Optional.empty() : Optional.of(answer.body());
        } catch (IOException e) {
            return Optional.of(e.toString());
        } catch (InterruptedException e) {
            throw Patience.interrupted(e);
        }
    }

    private Path temporary() {
        return site().directory().resolve("temporary");
    }

    private Path configuration() {
        return site().directory().resolve("worker.properties");
    }

    private void writeConfiguration() throws IOException {
        Properties properties = new Properties();
        plan.properties().forEach(properties::setProperty);
        properties.setProperty("listeners", url());
        properties.setProperty("rest.advertised.host.name", "127.0.0.1");
        try (Writer writer = Files.newBufferedWriter(configuration())) {
            properties.store(writer, null);
        }
    }
}
