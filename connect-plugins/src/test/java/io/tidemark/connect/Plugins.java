package io.tidemark.connect;

import io.tidemark.localstack.ConnectCluster;
import io.tidemark.localstack.ConnectPlan;
import io.tidemark.localstack.ConnectWorker;
import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The built zips, and one cluster of workers for all tests that has them unpacked in its plugin path. */
final class Plugins {

    private static final Path ZIPS = Path.of(System.getProperty("tidemark.connect.plugins", "target/plugins"));
    private static final Path NEIGHBOURS =
            Path.of(System.getProperty("tidemark.connect.neighbours", "target/neighbours"));
    private static final int WORKERS = 2;

    private static Path unpacked;
    private static ConnectCluster cluster;

    private Plugins() {}

    static List<Path> zips() {
        try (Stream<Path> files = Files.list(ZIPS)) {
            List<Path> zips = files.filter(file -> file.toString().endsWith(".zip"))
                    .sorted()
                    .toList();
            if (zips.isEmpty()) {
                throw new IllegalStateException("No zips in " + ZIPS + ": build with mvn package first");
            }
            return zips;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A directory with a directory per zip. */
    static synchronized Path unpacked() {
        if (unpacked == null) {
            try {
                unpacked = Files.createTempDirectory("tidemark-plugins-");
                for (Path zip : zips()) {
                    unpack(zip, unpacked);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return unpacked;
    }

    private static void unpack(Path zip, Path into) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            Enumeration<? extends ZipEntry> entries = file.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                Path target = into.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    try (InputStream in = file.getInputStream(entry)) {
                        Files.copy(in, target);
                    }
                }
            }
        }
    }

    /** What the workers said is kept for whoever looks for a failure's cause. */
    private static void close(ConnectCluster started) {
        Path kept = Path.of("target", "connect-logs");
        try {
            Files.createDirectories(kept);
            for (ConnectWorker worker : started.workers()) {
                Path log = worker.logFile();
                Files.copy(log, kept.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            started.close();
        }
    }

    static synchronized ConnectCluster cluster() {
        if (cluster == null) {
            List<Path> path = new ArrayList<>(List.of(unpacked()));
            if (Files.isDirectory(NEIGHBOURS)) {
                path.add(NEIGHBOURS);
            }
            ConnectCluster started = ConnectCluster.start(new ConnectPlan(
                    SharedStack.kafka().bootstrapServers(), "connect-plugins", path, WORKERS, Map.of()));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(started), "connect-close"));
            cluster = started;
        }
        cluster.workers().stream().filter(worker -> !worker.isAlive()).forEach(worker -> worker.restart());
        return cluster;
    }
}
