package io.tidemark.app.run;

import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import redis.clients.jedis.Jedis;

/** The file a Redis loads at its start, as of some moment. */
final class RedisBackup implements AutoCloseable {

    private final Path file;
    private final Path copy;

    private RedisBackup(Path file) {
        this.file = file;
        this.copy = file.resolveSibling("backup.rdb");
    }

    /** Of the shared server. */
    static RedisBackup take() throws IOException {
        try (Jedis jedis = new Jedis(URI.create(SharedStack.redis().url()))) {
            jedis.save();
            RedisBackup backup = new RedisBackup(Path.of(jedis.configGet("dir").get("dir"), "dump.rdb"));
            Files.copy(backup.file, backup.copy, StandardCopyOption.REPLACE_EXISTING);
            return backup;
        }
    }

    /** Kills the server, and starts it with what it held then. */
    void restore() throws IOException {
        var server = SharedStack.redis();
        server.kill();
        Files.copy(copy, file, StandardCopyOption.REPLACE_EXISTING);
        server.restart();
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(copy);
    }
}
