package io.tidemark.localstack;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/** A PostgreSQL server with logical decoding on; passwords are checked (scram-sha-256). */
public final class PostgresServer extends Server {

    private static final String SUPERUSER = "postgres";
    private static final String PASSWORD = "postgres";
    private static final String CONFIGURATION = "tidemark.conf";

    private final Path home;
    private final Map<String, String> files;

    PostgresServer(Site site, int fixedPort, Path home, Map<String, String> files) {
        super(site, fixedPort);
        this.home = home;
        this.files = files;
    }

    /** The URL of a database, without user and password. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + URLEncoder.encode(database, StandardCharsets.UTF_8);
    }

    public String superuser() {
        return SUPERUSER;
    }

    public String password() {
        return PASSWORD;
    }

    /** A connection as superuser. */
    public Connection connect(String database) throws SQLException {
        return connect(database, new Properties());
    }

    /** Creates a database and returns its JDBC URL. */
    public String createDatabase(String name) {
        try (Connection connection = connect(SUPERUSER);
                Statement statement = connection.createStatement()) {
            statement.execute("create database \"" + name.replace("\"", "\"\"") + "\"");
            return jdbcUrl(name);
        } catch (SQLException e) {
            throw failure(
                    LocalStackException.Reason.FAILED, "cannot create database " + name + ": " + e.getMessage(), e);
        }
    }

    /** Fast shutdown: it does not wait for clients to leave. */
    @Override
    String stopSignal() {
        return "INT";
    }

    @Override
    void prepare() throws IOException {
        Files.createDirectories(site().directory());
        site().account().own(site().directory());
        site().account().requireAccess(site().directory());
        if (!Files.exists(data().resolve("PG_VERSION"))) {
            initialize();
        }
        new PostmasterLock(data()).clear();
    }

    @Override
    Supervisor.Launch launch() throws IOException {
        Files.writeString(data().resolve(CONFIGURATION), configuration());
        for (Map.Entry<String, String> file : files.entrySet()) {
            writePrivate(data().resolve(file.getKey()), file.getValue());
        }
        return new Supervisor.Launch(
                site().account(),
                List.of(program("postgres"), "-D", data().toString()),
                environment(),
                site().directory(),
                site().log());
    }

    @Override
    Optional<String> complaint() {
        Properties properties = new Properties();
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("socketTimeout", "2");
        try (Connection connection = connect(SUPERUSER, properties);
                Statement statement = connection.createStatement()) {
            statement.execute("select 1");
            return Optional.empty();
        } catch (SQLException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private Connection connect(String database, Properties properties) throws SQLException {
        properties.setProperty("user", SUPERUSER);
        properties.setProperty("password", PASSWORD);
        return DriverManager.getConnection(jdbcUrl(database), properties);
    }

    private Path data() {
        return site().directory().resolve("data");
    }

    private String program(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    private Map<String, String> environment() {
        return Map.of("HOME", site().directory().toString(), "LC_ALL", "C");
    }

    /** Made beside its final place and moved there when complete: an interrupted start leaves nothing half done. */
    private void initialize() throws IOException {
        Path started = site().directory().resolve("data.new");
        Directories.delete(started);
        Path secret = site().directory().resolve("password");
        writePrivate(secret, PASSWORD);
        runInitdb(started, secret);
        Files.delete(secret);
        Files.writeString(
                started.resolve("postgresql.conf"), "\ninclude '" + CONFIGURATION + "'\n", StandardOpenOption.APPEND);
        Files.move(started, data());
    }

    /** A file that only the server's user may read, as PostgreSQL demands of keys. */
    private void writePrivate(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
        site().account().own(file);
    }

    private void runInitdb(Path target, Path secret) {
        List<String> command = new ArrayList<>(List.of(program("initdb"), "-D", target.toString()));
        command.addAll(List.of("-U", SUPERUSER, "--auth=scram-sha-256", "--pwfile=" + secret, "--no-sync"));
        command.addAll(List.of("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"));
        command.add("--builtin-locale=C.UTF-8");
        ProcessBuilder builder = new ProcessBuilder(site().account().command(command))
                .directory(site().directory().toFile());
        builder.environment().keySet().retainAll(List.of("PATH", "TZ"));
        builder.environment().putAll(environment());
        Command.Result result = Command.run(builder);
        if (result.exitCode() != 0) {
            throw failure(LocalStackException.Reason.FAILED, "cannot make its data directory:\n" + result.text(), null);
        }
    }

    /** Settings in a file, not on the command line, so that ALTER SYSTEM goes over them. */
    private String configuration() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("listen_addresses", "127.0.0.1");
        all.put("unix_socket_directories", "");
        all.put("wal_level", "logical");
        all.put("max_wal_senders", "20");
        all.put("max_replication_slots", "20");
        if (!site().durable()) {
            all.put("fsync", "off");
            all.put("full_page_writes", "off");
        }
        all.putAll(site().settings());
        all.put("port", Integer.toString(port()));
        return all.entrySet().stream()
                .map(setting -> setting.getKey() + " = '" + quoted(setting.getValue()) + "'\n")
                .collect(Collectors.joining());
    }

    private static String quoted(String value) {
        return value.replace("\\", "\\\\").replace("'", "''");
    }
}
