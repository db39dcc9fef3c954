package io.tidemark.model.filter;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.SqlIdentifiers;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a filter compares. */
public sealed interface Operand {

    /** Its value for a row; empty for NULL. */
    Optional<Value> value(JsonNode row);

    /** As SQL, columns qualified by the alias of their table. */
    String sql(String alias);

    /** A column of the row. One that a row does not have, since it is older than the column, is NULL. */
    record ColumnOperand(String name, ValueType type) implements Operand {

        @Override
        public Optional<Value> value(JsonNode row) {
            JsonNode json = row.get(name);
            return json == null || json.isNull() ? Optional.empty() : Optional.of(type.read(json));
        }

        /** The text as it is, with the padding of {@code char(n)}; empty for NULL. */
        Optional<String> text(JsonNode row) {
            return value(row).map(letters -> row.get(name).textValue());
        }

        @Override
        public String sql(String alias) {
            return columnSql(alias, name);
        }
    }

    /**
     * A constant of the type it is compared with.
     *
     * @param constant null for NULL
     * @param sql as it was written, so that PostgreSQL reads what was read here
     */
    record Literal(@Nullable Value constant, String sql) implements Operand {

        public static final Literal NULL = new Literal(null, "NULL");

        @Override
        public Optional<Value> value(JsonNode row) {
            return Optional.ofNullable(constant);
        }

        @Override
        public String sql(String alias) {
            return sql;
        }
    }

    /** A column as SQL. */
    static String columnSql(String alias, String name) {
        return alias + "." + SqlIdentifiers.quote(name);
    }
}
