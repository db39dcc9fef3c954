package io.tidemark.connect.transforms;

import io.tidemark.connect.ConnectJson;
import io.tidemark.model.Json;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;

/** What becomes of a protected value. */
sealed interface Masking {

    /** The field is taken away. */
    record Drop() implements Masking {}

    /** Text takes its place, whatever it was; null stays null. */
    record Replace(String text) implements Masking {}

    /** The keyed hash of its JSON, as capture's own rule makes it: equal values have equal hashes. Null stays null. */
    record Hash(SecretKeySpec key) implements Masking {

        static final String ALGORITHM = "HmacSHA256";

        static Hash with(String key) {
            return new Hash(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM));
        }
    }

    /** The text in the place of a value that is there. */
    default String apply(@Nullable Schema schema, Object value) {
        if (this instanceof Replace replace) {
            return replace.text();
        }
        if (this instanceof Hash hash) {
            return hmac(hash.key(), Json.canonical(ConnectJson.of(schema, value)));
        }
        throw new IllegalStateException("What is dropped has no text");
    }

    private static String hmac(SecretKeySpec key, String text) {
        try {
            Mac mac = Mac.getInstance(Hash.ALGORITHM);
            mac.init(key);
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JVM has " + Hash.ALGORITHM, e);
        }
    }
}
