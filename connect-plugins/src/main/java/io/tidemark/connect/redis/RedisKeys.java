package io.tidemark.connect.redis;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import io.tidemark.connect.sink.Choices;
import io.tidemark.connect.sink.SinkKeys;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The configuration of {@link TidemarkRedisSink}. */
final class RedisKeys {

    static final String KEY = "redis.key";
    static final String FORM = "redis.form";
    static final String TTL = "redis.ttl.ms";

    private static final String[] FORMS = {"json", "hash", "invalidate"};

    static final ConfigDef DEF = SinkKeys.common(define());

    private RedisKeys() {}

    private static ConfigDef define() {
        return new ConfigDef()
                .define(
                        SinkKeys.URL,
                        ConfigDef.Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new ConfigDef.NonEmptyString(),
                        HIGH,
                        "Address of Redis 7, redis://host:port/database, or rediss:// for TLS, without credentials.",
                        "Connection",
                        1,
                        Width.LONG,
                        "URL")
                .define(
                        SinkKeys.USER,
                        ConfigDef.Type.STRING,
                        "",
                        MEDIUM,
                        "User of the access control list. Default: the default user.",
                        "Connection",
                        2,
                        Width.MEDIUM,
                        "User")
                .define(
                        SinkKeys.PASSWORD,
                        ConfigDef.Type.PASSWORD,
                        null,
                        MEDIUM,
                        "Password.",
                        "Connection",
                        3,
                        Width.MEDIUM,
                        "Password")
                .define(
                        SinkKeys.AUTHORITY,
                        ConfigDef.Type.STRING,
                        "",
                        LOW,
                        "File in PEM, on the workers, with the authority that signed the server's certificate. Default: those"
                                + " the JVM trusts.",
                        "Connection",
                        4,
                        Width.LONG,
                        "Authority")
                .define(
                        KEY,
                        ConfigDef.Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new ConfigDef.NonEmptyString(),
                        HIGH,
                        "Redis key of a document, with every field of its key in braces: order:{id}. ${topic} stands for the"
                                + " topic, other characters than letters, digits, _ and - as _.",
                        "Target",
                        1,
                        Width.MEDIUM,
                        "Key")
                .define(
                        FORM,
                        ConfigDef.Type.STRING,
                        "json",
                        ConfigDef.ValidString.in(FORMS),
                        MEDIUM,
                        "What is under the key: a string with the document's JSON, a hash with a field per entry, or nothing:"
                                + " 'invalidate' deletes what your service keeps there when the document changes.",
                        "Target",
                        2,
                        Width.SHORT,
                        "Form",
                        new Choices(FORMS))
                .define(
                        TTL,
                        ConfigDef.Type.LONG,
                        0L,
                        ConfigDef.Range.atLeast(0),
                        MEDIUM,
                        "How long after it was written a document expires, in milliseconds; 0 for never.",
                        "Target",
                        3,
                        Width.SHORT,
                        "Time to live (ms)")
                .define(
                        SinkKeys.PRIMARY_KEY_FIELDS,
                        ConfigDef.Type.LIST,
                        "",
                        MEDIUM,
                        "Fields of the key, in their order, with PostgreSQL's types where keys of another kind are to be malformed:"
                                + " id:bigint. Default: all of the record's key; keys of two shapes stop the task then.",
                        "Target",
                        4,
                        Width.MEDIUM,
                        "Primary key fields");
    }
}
