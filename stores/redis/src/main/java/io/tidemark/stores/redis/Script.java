package io.tidemark.stores.redis;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A Lua script that runs on the server.
 *
 * @param sha1 the name the server keeps it under, in hex
 */
record Script(String source, String sha1) {

    /** Loads a script whose parts, in this order, lie beside this class. */
    static Script load(String... parts) {
        ByteArrayOutputStream source = new ByteArrayOutputStream();
        for (String part : parts) {
            source.writeBytes(read(part));
        }
        return new Script(source.toString(StandardCharsets.UTF_8), sha1(source.toByteArray()));
    }

    private static byte[] read(String name) {
        try (InputStream in = Script.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The script " + name + " is missing from this build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha1(byte[] source) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(source));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-1", e);
        }
    }
}
