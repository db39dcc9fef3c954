package io.tidemark.connect.sql;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import io.tidemark.connect.sink.KeyField;
import io.tidemark.connect.sink.SinkKeys;
import io.tidemark.connect.sink.TargetName;
import java.util.List;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** The configuration of {@link TidemarkSqlSink}. */
final class SqlKeys {

    static final String TABLE = "collection.name.format";
    static final String COLUMNS = "columns";

    static final ConfigDef DEF = SinkKeys.common(define());

    private SqlKeys() {}

    private static ConfigDef define() {
        return new ConfigDef()
                .define(
                        SinkKeys.URL,
                        ConfigDef.Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new ConfigDef.NonEmptyString(),
                        HIGH,
                        "JDBC URL of PostgreSQL, jdbc:postgresql://host:port/database, without a password. Its parameters, TLS"
                                + " among them, are those of pgjdbc.",
                        "Connection",
                        1,
                        Width.LONG,
                        "URL")
                .define(
                        SinkKeys.USER,
                        ConfigDef.Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new ConfigDef.NonEmptyString(),
                        HIGH,
                        "User; it must be allowed to create the table, and bookkeeping tables beside it.",
                        "Connection",
                        2,
                        Width.MEDIUM,
                        "User")
                .define(
                        SinkKeys.PASSWORD,
                        ConfigDef.Type.PASSWORD,
                        "",
                        HIGH,
                        "Password.",
                        "Connection",
                        3,
                        Width.MEDIUM,
                        "Password")
                .define(
                        TABLE,
                        ConfigDef.Type.STRING,
                        "public." + TargetName.TOPIC,
                        ConfigDef.LambdaValidator.with(
                                (name, value) -> TableName.require(name, value), () -> "schema.table"),
                        HIGH,
                        "The table, schema.table. It is made, with the columns of the key, the document as jsonb, and its"
                                + " version. ${topic} stands for the topic, other characters than letters, digits, _ and - as _.",
                        "Target",
                        1,
                        Width.MEDIUM,
                        "Table")
                .define(
                        SinkKeys.PRIMARY_KEY_FIELDS,
                        ConfigDef.Type.LIST,
                        ConfigDef.NO_DEFAULT_VALUE,
                        ConfigDef.LambdaValidator.with(SqlKeys::requireTypes, () -> "fields with types"),
                        HIGH,
                        "Fields of the key, in their order, with PostgreSQL's types: id:bigint, region:text. They are the columns"
                                + " of the table's key; a record whose key is not like them is malformed.",
                        "Target",
                        2,
                        Width.MEDIUM,
                        "Primary key fields")
                .define(
                        COLUMNS,
                        ConfigDef.Type.LIST,
                        "",
                        MEDIUM,
                        "Entries of the document that are columns, too, with PostgreSQL's types: status:text,"
                                + " placed_at:timestamptz. A type with a comma, numeric(12,2), is written numeric.",
                        "Target",
                        3,
                        Width.LONG,
                        "Columns");
    }

    /** The first record could say them, and be the one that is wrong; a truncate says none. */
    private static void requireTypes(String name, @Nullable Object value) {
        boolean typed = value instanceof List<?> fields
                && !fields.isEmpty()
                && fields.stream()
                        .map(field -> KeyField.parse(String.valueOf(field)))
                        .noneMatch(field -> field.type().isEmpty());
        if (!typed) {
            throw new ConfigException(name, value, "write each field of the key with its type, for example id:bigint");
        }
    }
}
