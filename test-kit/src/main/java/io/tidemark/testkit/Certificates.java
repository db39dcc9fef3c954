package io.tidemark.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * An authority, and certificates that it signs, made with the JDK's {@code keytool} in a directory of the
 * test. They share one key; what differs is for whom and for how long they are valid.
 */
public final class Certificates {

    private static final String PASSWORD = "certificates";

    private final Path directory;
    private final Key key;

    private Certificates(Path directory, Key key) {
        this.directory = directory;
        this.key = key;
    }

    /** Makes the authority and the server's key in an empty directory. */
    public static Certificates in(Path directory) throws IOException {
        try {
            for (String name : List.of("authority", "server")) {
                keytool(
                        directory,
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keystore",
                        name,
                        "-storetype",
                        "PKCS12",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "bc:c");
                keytool(directory, "-exportcert", "-rfc", "-alias", name, "-keystore", name, "-file", name + ".pem");
            }
            keytool(directory, "-certreq", "-alias", "server", "-keystore", "server", "-file", "request");
            return new Certificates(directory, key(directory.resolve("server")));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** File with the certificate of the authority, for clients to trust. */
    public Path authority() {
        return directory.resolve("authority.pem");
    }

    /** File with the certificate of an authority that signed none of the servers. */
    public Path otherAuthority() {
        return directory.resolve("server.pem");
    }

    /** The private key of all certificates in PEM, unencrypted. */
    public String key() {
        return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    /** File with the key as PostgreSQL's driver wants a client's: PKCS 8 in DER, for its owner only. */
    public Path keyFile() throws IOException {
        Path file = Files.write(directory.resolve("key.pk8"), key.getEncoded());
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /** A certificate in PEM, valid now, for names such as {@code dns:localhost,ip:127.0.0.1}. */
    public String valid(String names) throws IOException {
        return sign(names, "-1d", "10");
    }

    /** A certificate in PEM that was valid until yesterday. */
    public String expired(String names) throws IOException {
        return sign(names, "-10d", "9");
    }

    private String sign(String names, String start, String days) throws IOException {
        Path signed = Files.createTempFile(directory, "signed", ".pem");
        keytool(
                directory,
                "-gencert",
                "-rfc",
                "-alias",
                "authority",
                "-keystore",
                "authority",
                "-infile",
                "request",
                "-outfile",
                signed.toString(),
                "-ext",
                "san=" + names,
                "-startdate",
                start,
                "-validity",
                days);
        return Files.readString(signed);
    }

    private static void keytool(Path directory, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.add("-J-XX:TieredStopAtLevel=1");
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storepass", PASSWORD));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    private static Key key(Path store) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys.getKey("server", PASSWORD.toCharArray());
    }
}
