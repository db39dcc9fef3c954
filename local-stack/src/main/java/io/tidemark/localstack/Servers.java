package io.tidemark.localstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/** Makes the servers of a plan, not started yet; unpacks their programs when needed. */
final class Servers {

    private final StackPlan plan;
    private final Path directory;
    private final Platform platform;
    private final ServerFiles files;
    private final ServerCache cache;

    Servers(StackPlan plan, Path directory) {
        this.plan = plan;
        this.directory = directory;
        this.platform = Platform.current();
        this.files = ServerFiles.locate();
        this.cache = ServerCache.ofUser();
    }

    PostgresServer postgres() {
        platform.require(ServerKind.POSTGRES);
        Path jar = files.postgres(platform);
        Path home = cache.get(name(ServerKind.POSTGRES), target -> Archives.unpackTarInJar(jar, target));
        return new PostgresServer(
                site(ServerKind.POSTGRES, "postgres", Account.unprivileged()),
                plan.portOr(ServerKind.POSTGRES, 0),
                home,
                plan.postgresFiles());
    }

    ElasticsearchServer elasticsearch() {
        platform.require(ServerKind.ELASTICSEARCH);
        Path zip = files.elasticsearch();
        Path unpacked = cache.get(name(ServerKind.ELASTICSEARCH), target -> Archives.unzip(zip, target));
        return new ElasticsearchServer(
                site(ServerKind.ELASTICSEARCH, "elasticsearch", Account.unprivileged()),
                plan.portOr(ServerKind.ELASTICSEARCH, 0),
                unpacked.resolve("elasticsearch-" + files.version(ServerKind.ELASTICSEARCH)),
                plan.jvmOptions(ServerKind.ELASTICSEARCH));
    }

    RedisServer redis() {
        platform.require(ServerKind.REDIS);
        Path jar = files.redis();
        Path home = cache.get(
                name(ServerKind.REDIS),
                target -> Archives.copyExecutable(jar, platform.redis(), target.resolve("redis-server")));
        return new RedisServer(
                site(ServerKind.REDIS, "redis", Account.ours()),
                plan.portOr(ServerKind.REDIS, 0),
                home.resolve("redis-server"));
    }

    KafkaCluster kafka() {
        platform.require(ServerKind.KAFKA);
        List<Integer> controllerPorts =
                IntStream.range(0, plan.brokers()).mapToObj(any -> Ports.free()).toList();
        KafkaPlan shared = new KafkaPlan(
                clusterId(), controllerPorts, plan.kafkaListeners(), files.kafka(), plan.jvmOptions(ServerKind.KAFKA));
        int firstPort = plan.portOr(ServerKind.KAFKA, 0);
        List<KafkaBroker> brokers = new ArrayList<>();
        for (int id = 1; id <= plan.brokers(); id++) {
            int fixedPort = firstPort == 0 ? 0 : firstPort + id - 1;
            brokers.add(new KafkaBroker(site(ServerKind.KAFKA, "kafka-" + id, Account.ours()), fixedPort, id, shared));
        }
        return new KafkaCluster(brokers);
    }

    /** A cluster keeps its id, and its number of brokers: its controllers could not agree in another number. */
    private String clusterId() {
        Path file = directory.resolve("kafka-cluster-of-" + plan.brokers());
        Path other = directory.resolve("kafka-cluster-of-" + (plan.brokers() == 1 ? 3 : 1));
        if (Files.exists(other)) {
            throw new LocalStackException(
                    LocalStackException.Reason.DIRECTORY,
                    directory + " holds a Kafka cluster with another number of brokers than " + plan.brokers()
                            + ". Start it with that number, or choose another directory.");
        }
        try {
            if (!Files.exists(file)) {
                Files.writeString(file, Uuid.randomUuid().toString());
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new LocalStackException(LocalStackException.Reason.DIRECTORY, "Cannot use " + file + ": " + e, e);
        }
    }

    private Site site(ServerKind kind, String name, Account account) {
        return new Site(kind, name, directory, account, plan.settingsOf(kind), plan.durable(), plan.patience());
    }

    private String name(ServerKind server) {
        String kind = server.name().toLowerCase(Locale.ROOT);
        return kind + "-" + files.version(server) + "-" + platform.redis();
    }
}
