package io.tidemark.connect.sink;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import io.tidemark.connect.Placeholders;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The configuration that the sinks of all stores share. */
public final class SinkKeys {

    public static final String URL = "connection.url";
    public static final String USER = "connection.username";
    public static final String PASSWORD = "connection.password";
    public static final String AUTHORITY = "connection.ca.file";

    public static final String PRIMARY_KEY_FIELDS = "primary.key.fields";
    static final String PRIMARY_KEY_MODE = "primary.key.mode";
    static final String ONE_PARTITION = "primary.key.in.one.partition";
    static final String INPUT = "input";
    static final String READ_MODEL = "read.model";
    static final String ISOLATION = "consumer.override.isolation.level";
    static final String KAFKA = "kafka.";
    static final String BOOTSTRAP = KAFKA + "bootstrap.servers";
    static final String ON_NULL = "behavior.on.null.values";
    static final String ON_MALFORMED = "behavior.on.malformed.documents";
    static final String ON_TRUNCATE = "behavior.on.truncate";
    static final String PLACEHOLDER = "unavailable.value.placeholder";
    static final String BATCH = "batch.size";
    static final String MAX_RETRIES = "max.retries";
    static final String BACKOFF = "retry.backoff.ms";

    static final String READ_COMMITTED = "read_committed";
    static final String RECORD_KEY = "record_key";
    static final String RECORD_VALUE = "record_value";

    /** Of the clients' own properties, those that say how to reach Kafka; by type. */
    static final Map<String, ConfigDef.Type> KAFKA_CLIENT = Map.of(
            "security.protocol", ConfigDef.Type.STRING,
            "sasl.mechanism", ConfigDef.Type.STRING,
            "sasl.jaas.config", ConfigDef.Type.PASSWORD,
            "ssl.truststore.location", ConfigDef.Type.STRING,
            "ssl.truststore.password", ConfigDef.Type.PASSWORD,
            "ssl.truststore.type", ConfigDef.Type.STRING,
            "ssl.keystore.location", ConfigDef.Type.STRING,
            "ssl.keystore.password", ConfigDef.Type.PASSWORD,
            "ssl.keystore.type", ConfigDef.Type.STRING,
            "ssl.key.password", ConfigDef.Type.PASSWORD);

    private static final String INPUT_GROUP = "Input";
    private static final String WRITING = "Writing";
    private static final String ERRORS = "Errors";
    private static final String KAFKA_GROUP = "Kafka";

    private SinkKeys() {}

    /** Adds what every sink has behind what the store's own connection needs. */
    public static ConfigDef common(ConfigDef def) {
        input(def);
        writing(def);
        errors(def);
        kafka(def);
        return def;
    }

    private static void input(ConfigDef def) {
        def.define(
                INPUT,
                ConfigDef.Type.STRING,
                Input.RECORDS.lowerCase(),
                ConfigDef.ValidString.in(Input.RECORDS.lowerCase(), Input.DOCUMENTS.lowerCase()),
                HIGH,
                "What the topics hold. 'documents': a documents topic of Tidemark, <prefix>.<model>.documents; the applied"
                        + " tidemark is saved with what is written."
                        + " 'records': anything else, record by record: Tidemark's change topics, topics of a Debezium"
                        + " connector with its envelope or without, plain keys and values.",
                INPUT_GROUP,
                1,
                Width.SHORT,
                "Input",
                List.of(BOOTSTRAP, ISOLATION),
                new Choices(Input.RECORDS.lowerCase(), Input.DOCUMENTS.lowerCase()));
        def.define(
                ISOLATION,
                ConfigDef.Type.STRING,
                "",
                ConfigDef.ValidString.in("", "read_uncommitted", READ_COMMITTED),
                HIGH,
                "Must be 'read_committed' for topics of Tidemark: they are written in transactions, and what is not"
                        + " committed may never have happened. Recommended for every topic.",
                INPUT_GROUP,
                2,
                Width.SHORT,
                "Isolation level",
                new Choices(READ_COMMITTED));
        def.define(
                READ_MODEL,
                ConfigDef.Type.STRING,
                "",
                HIGH,
                "Name of the read model in the store's bookkeeping, as tidemark.yml calls it. Default: of a documents topic"
                        + " its middle part, of other topics the topic.",
                INPUT_GROUP,
                3,
                Width.MEDIUM,
                "Read model");
        def.define(
                PRIMARY_KEY_MODE,
                ConfigDef.Type.STRING,
                RECORD_KEY,
                ConfigDef.ValidString.in(RECORD_KEY, RECORD_VALUE),
                MEDIUM,
                "Where a document's key is: in the record's key, or in its value. Deletes without a value need it"
                        + " in the record's key all the same: drop them where an envelope says each delete, too.",
                INPUT_GROUP,
                4,
                Width.SHORT,
                "Primary key mode",
                List.of(PRIMARY_KEY_FIELDS),
                new Choices(RECORD_KEY, RECORD_VALUE));
        def.define(
                ONE_PARTITION,
                ConfigDef.Type.BOOLEAN,
                false,
                LOW,
                "Says that all records of a document are in one partition of the topic, though its key is not the whole key"
                        + " of its records: as when they were partitioned by these fields. Where the version of a record is"
                        + " its offset, it says nothing about records in another partition. Not needed for Tidemark's own"
                        + " topics, nor where kafka.bootstrap.servers shows that the topic has one partition.",
                INPUT_GROUP,
                5,
                Width.SHORT,
                "Key in one partition");
    }

    private static void writing(ConfigDef def) {
        def.define(
                BATCH,
                ConfigDef.Type.INT,
                2_000,
                ConfigDef.Range.between(1, 100_000),
                MEDIUM,
                "Documents in one batch at most. Batches are as large as the worker's consumer makes them: raise"
                        + " consumer.override.max.poll.records, 500 by default, with it.",
                WRITING,
                1,
                Width.SHORT,
                "Batch size");
        def.define(
                MAX_RETRIES,
                ConfigDef.Type.INT,
                100,
                ConfigDef.Range.atLeast(0),
                MEDIUM,
                "How often a batch is sent again that the store could not take (unreachable, busy, full, read only)"
                        + " before the task fails. Pauses grow to ten seconds.",
                WRITING,
                2,
                Width.SHORT,
                "Retries");
        def.define(
                BACKOFF,
                ConfigDef.Type.LONG,
                200L,
                ConfigDef.Range.atLeast(1),
                LOW,
                "Pause before a batch is sent again; it doubles each time.",
                WRITING,
                3,
                Width.SHORT,
                "Retry backoff (ms)");
    }

    private static void errors(ConfigDef def) {
        choice(
                def,
                ON_NULL,
                Unwanted.DELETE,
                1,
                "What a delete does: a record without a value, Debezium's op 'd', or a value with \"__deleted\": \"true\".",
                Unwanted.DELETE,
                Unwanted.IGNORE,
                Unwanted.FAIL);
        choice(
                def,
                ON_MALFORMED,
                Unwanted.FAIL,
                2,
                "What becomes of a record that is no document (no key, no JSON object, a placeholder of a large value) or"
                        + " that the store refuses. 'fail': it goes to the dead letter queue if the connector has one"
                        + " (errors.tolerance=all), else the task fails. 'ignore': it is passed over with a warning.",
                Unwanted.FAIL,
                Unwanted.IGNORE);
        choice(
                def,
                ON_TRUNCATE,
                Unwanted.FAIL,
                3,
                "What becomes of a TRUNCATE that the store cannot apply. Only the SQL sink applies truncates, and only those"
                        + " of Tidemark's change topics, which are in every partition. 'fail' stops the task, with what is before"
                        + " it written. 'ignore' leaves the rows that were truncated where they are.",
                Unwanted.FAIL,
                Unwanted.IGNORE);
        def.define(
                PLACEHOLDER,
                ConfigDef.Type.STRING,
                "__debezium_unavailable_value",
                Placeholders.VALIDATOR,
                LOW,
                "What Debezium's connector puts in the place of a large value that PostgreSQL did not send"
                        + " (unavailable.value.placeholder there). A row with it is malformed: it is never written.",
                ERRORS,
                4,
                Width.MEDIUM,
                "Unavailable value");
    }

    private static void choice(
            ConfigDef def, String name, Unwanted otherwise, int order, String documentation, Unwanted... choices) {
        String[] names = new String[choices.length];
        for (int i = 0; i < choices.length; i++) {
            names[i] = choices[i].lowerCase();
        }
        def.define(
                name,
                ConfigDef.Type.STRING,
                otherwise.lowerCase(),
                ConfigDef.ValidString.in(names),
                MEDIUM,
                documentation,
                ERRORS,
                order,
                Width.SHORT,
                name,
                new Choices(names));
    }

    private static void kafka(ConfigDef def) {
        def.define(
                BOOTSTRAP,
                ConfigDef.Type.STRING,
                "",
                HIGH,
                "The worker's brokers: a connector is not told. Required for input=documents, to know the partitions and"
                        + " where the group stands. For other topics it gives their ids, so that a topic that was made anew"
                        + " is noticed; without it a new topic's records could be taken for old ones.",
                KAFKA_GROUP,
                1,
                Width.LONG,
                "Bootstrap servers");
        int order = 2;
        for (String name : KAFKA_CLIENT.keySet().stream().sorted().toList()) {
            def.define(
                    KAFKA + name,
                    KAFKA_CLIENT.get(name),
                    KAFKA_CLIENT.get(name) == ConfigDef.Type.PASSWORD ? null : "",
                    LOW,
                    "As Kafka's clients take " + name + ".",
                    KAFKA_GROUP,
                    order++,
                    Width.MEDIUM,
                    name);
        }
    }
}
