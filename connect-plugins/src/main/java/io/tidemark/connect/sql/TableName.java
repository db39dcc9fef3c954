package io.tidemark.connect.sql;

import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** Checks names of tables. */
final class TableName {

    private TableName() {}

    /** @throws ConfigException unless it has a schema and a name */
    static void require(String key, @Nullable Object value) {
        String text = String.valueOf(value);
        int dot = text.indexOf('.');
        if (dot < 1 || dot == text.length() - 1) {
            throw new ConfigException(key, value, "write schema.table, for example public.orders");
        }
    }
}
