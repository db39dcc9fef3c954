package io.tidemark.connect.elasticsearch;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import io.tidemark.connect.sink.SinkKeys;
import io.tidemark.connect.sink.TargetName;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The configuration of {@link TidemarkElasticsearchSink}. */
final class ElasticsearchKeys {

    static final String API_KEY = "connection.api.key";
    static final String INDEX = "index";
    static final String SETTINGS = "index.settings";
    static final String MAPPING = "index.mapping";

    static final ConfigDef DEF = SinkKeys.common(define());

    private ElasticsearchKeys() {}

    private static ConfigDef define() {
        return new ConfigDef()
                .define(
                        SinkKeys.URL,
                        ConfigDef.Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new ConfigDef.NonEmptyString(),
                        HIGH,
                        "Address of Elasticsearch 8, http://host:port or https://host:port, without credentials.",
                        "Connection",
                        1,
                        Width.LONG,
                        "URL")
                .define(
                        SinkKeys.USER,
                        ConfigDef.Type.STRING,
                        "",
                        MEDIUM,
                        "User, with a password.",
                        "Connection",
                        2,
                        Width.MEDIUM,
                        "User")
                .define(
                        SinkKeys.PASSWORD,
                        ConfigDef.Type.PASSWORD,
                        null,
                        MEDIUM,
                        "Password of the user.",
                        "Connection",
                        3,
                        Width.MEDIUM,
                        "Password")
                .define(
                        API_KEY,
                        ConfigDef.Type.PASSWORD,
                        null,
                        MEDIUM,
                        "API key in its encoded form, instead of a user.",
                        "Connection",
                        4,
                        Width.MEDIUM,
                        "API key")
                .define(
                        SinkKeys.AUTHORITY,
                        ConfigDef.Type.STRING,
                        "",
                        LOW,
                        "File in PEM, on the workers, with the authority that signed the server's certificate. Default: those"
                                + " the JVM trusts.",
                        "Connection",
                        5,
                        Width.LONG,
                        "Authority")
                .define(
                        INDEX,
                        ConfigDef.Type.STRING,
                        TargetName.TOPIC,
                        new ConfigDef.NonEmptyString(),
                        HIGH,
                        "Alias that applications search; the index behind it is <alias>-1. ${topic} stands for the topic, in"
                                + " lower case, other characters than letters, digits, _ and - as _.",
                        "Target",
                        1,
                        Width.MEDIUM,
                        "Index")
                .define(
                        SETTINGS,
                        ConfigDef.Type.STRING,
                        "{}",
                        LOW,
                        "Settings of the index when it is made, as a JSON object.",
                        "Target",
                        2,
                        Width.LONG,
                        "Index settings")
                .define(
                        MAPPING,
                        ConfigDef.Type.STRING,
                        "{}",
                        MEDIUM,
                        "Mapping of the index when it is made, as a JSON object, for example {\"properties\": {\"total\":"
                                + " {\"type\": \"double\"}}}. Elasticsearch takes the type of a number from the first it meets:"
                                + " name those with fractions.",
                        "Target",
                        3,
                        Width.LONG,
                        "Index mapping")
                .define(
                        SinkKeys.PRIMARY_KEY_FIELDS,
                        ConfigDef.Type.LIST,
                        "",
                        MEDIUM,
                        "Fields of the key, in their order, with PostgreSQL's types where keys of another kind are to be malformed:"
                                + " id:bigint. Default: all of the record's key; keys of two shapes stop the task then. The id of"
                                + " a document is the value of its key, several are joined by '|'.",
                        "Target",
                        4,
                        Width.MEDIUM,
                        "Primary key fields");
    }
}
