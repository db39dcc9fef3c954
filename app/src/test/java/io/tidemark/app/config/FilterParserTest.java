package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.filter.RowFilter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterParserTest {

    private static final Relation ORDERS = new Relation(
            new TableId("public", "orders"),
            List.of(
                    column("id", "bigint"),
                    column("status", "text"),
                    column("Status", "text"),
                    column("code", "character(4)"),
                    column("total", "numeric(12,2)"),
                    column("weight", "real"),
                    column("size", "double precision"),
                    column("paid", "boolean"),
                    column("placed", "timestamp with time zone"),
                    column("local", "timestamp without time zone"),
                    column("day", "date"),
                    column("owner", "uuid"),
                    column("raw", "bytea"),
                    column("tags", "text[]"),
                    column("extra", "jsonb"),
                    column("at", "time without time zone"),
                    column("nick", "citext"),
                    column("user", "text"),
                    column("unknown", "boolean"),
                    new Column("mood", "mood", 0, true, 1, "{\"10\":\"sad\",\"11\":\"so-so\"}"),
                    new Column("other", "colour", 0, true, 1, "{\"20\":\"sad\"}"),
                    new Column("place", "address", 0, true, 1, "[[1,\"street\",25]]")),
            List.of("id"),
            List.of(),
            1);

    private static Column column(String name, String type) {
        return new Column(name, type, 0, true);
    }

    private static RowFilter parse(String text) {
        return new FilterParser(new FilterOperands(
                        ORDERS,
                        name -> ORDERS.column(name).isPresent() ? Optional.empty() : Optional.of("no '" + name + "'")))
                .parse(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "status <> 'draft'                | (t.\"status\" <> 'draft')",
                "STATUS != 'it''s'                | (t.\"status\" <> 'it''s')",
                "\"Status\" = 'a' or not paid     | ((t.\"Status\" = 'a') OR (NOT t.\"paid\"))",
                "10 < total and (id) > (-5)       | ((10 < t.\"total\") AND (t.\"id\" > -5))",
                "id not in (1, '2', null)         | (NOT (t.\"id\" IN (1, '2', NULL)))",
                "total between 1 and 2.50         | ((t.\"total\" >= 1) AND (t.\"total\" <= 2.50))",
                "status like 'a!%%' escape '!'    | (t.\"status\" LIKE 'a!%%' ESCAPE '!')",
                "status not like 'a\\_'           | (NOT (t.\"status\" LIKE 'a\\_' ESCAPE '\\'))",
                "paid is not true                 | (NOT (t.\"paid\" IS TRUE))",
                "(total > 1) is unknown           | ((t.\"total\" > 1) IS UNKNOWN)",
                "status = \"Status\"             | (t.\"status\" = t.\"Status\" COLLATE \"C\")",
                "tags is not null                 | (NOT (t.\"tags\" IS NULL))",
                "mood is distinct from 'sad'      | (t.\"mood\" IS DISTINCT FROM 'sad')",
                "day < '2024-01-31' and \"unknown\"   | ((t.\"day\" < '2024-01-31') AND t.\"unknown\")",
                "\"user\" = 'x'                   | (t.\"user\" = 'x')",
                "true                             | TRUE",
            })
    void what_is_supported_becomes_qualified_sql_of_the_same_meaning(String text, String sql) {
        assertThat(parse(text).sql("t")).isEqualTo(sql);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "status = 'a' and                 | it cannot be read to its end",
                "status = 'a' 'b'                 | it cannot be read as a whole",
                "total > > 1                      | it cannot be read from '>' on",
                "total > 1 -- all                 | character 11 is a comment",
                "total > 1 /* all */              | character 11 is '/'",
                "status = 'a                      | character 10 is a quote that is never closed",
                "total > 1; drop table orders     | character 10 is ';'",
                "lower(status) = 'a'              | is neither a column nor a constant",
                "total - 1 > 2                    | is neither a column nor a constant",
                "status = current_user            | 'current_user' is no column's name unless it stands in double quotes",
                "user = 'x'                       | 'user' is no column's name unless it stands in double quotes",
                "placed > current_timestamp       | 'current_timestamp' is no constant",
                "day = date '2024-01-01'          | A text takes the type of 'day' by itself",
                "orders.status = 'a'              | write \"status\" alone instead of orders.\"status\"",
                "stats = 'a'                      | no 'stats'",
                "status < 'm'                     | whose order depends on the column's collation",
                "code between 'a' and 'b'         | whose order depends on the column's collation",
                "mood > 'sad'                     | whose order depends on the order of the labels",
                "mood = 'happy'                   | it takes its labels in single quotes: sad, so-so",
                "mood = other                     | compares mood with colour",
                "status ilike 'a%'                | ILIKE depends on the column's collation",
                "status similar to 'a'            | is not supported",
                "status like code                 | expected a text in single quotes instead of '\"code\"'",
                "status like 'a\\'                | a pattern does not end with it",
                "status like 'a' escape '!!'      | the escape of LIKE is one character or none",
                "total like '1%'                  | LIKE takes text, varchar and char(n) only",
                "id in (select 1)                 | IN takes a list of constants",
                "id in ()                         | IN needs at least one constant",
                "id in (1, total)                 | '\"total\"' is no constant",
                "exists (select 1)                | is not supported",
                "status                           | only a boolean column is a condition by itself",
                "paid && paid                     | character 6 is '&'",
                "paid xor paid                    | is not supported",
                "1 = 1                            | '1 = 1' compares no column",
                "id = 'five'                      | 'five' is no constant that 'id', bigint, can be compared with; it takes numbers such as 5",
                "id = '9223372036854775808'       | can be compared with",
                "status = 5                       | 5 is no constant that 'status', text, can be compared with; it takes text in single quotes",
                "size = 1e400                     | 1e400 is no constant",
                "size = '1e-400'                  | '1e-400' is no constant",
                "weight in (0.1, 0.2)             | 0.1 is no value of type real",
                "paid = 'yes'                     | it takes TRUE and FALSE",
                "placed > '2024-01-31 10:00'      | '2024-01-31 23:59:59.999999+00:00' with its zone",
                "placed > 'now'                   | is no constant",
                "local > '2024-01-31 10:00Z'      | without a zone",
                "day = '2023-02-29'               | is no constant",
                "day = '31.01.2024'               | is no constant",
                "owner = '{0}'                    | is no constant",
                "raw = 'abc'                      | pairs of hexadecimal digits",
                "total = weight                   | compares numeric(12,2) with real",
                "extra is null                    | column 'extra' is jsonb, whose values IS NULL cannot be asked of",
                "place is null                    | column 'place' is address, whose values IS NULL cannot be asked of",
                "nick = 'x'                       | column 'nick' is citext, which a filter cannot compare; it takes integers",
                "at > '10:00'                     | column 'at' is time without time zone, which a filter cannot compare",
                "tags[1] = 'a'                    | character 5 is '['",
                "id between symmetric 2 and 1     | write the lower bound first",
                "paid isnull                      | is not supported",
                "paid(+) = true                   | character 6 is '+'",
                "((((((((((((((((( paid ))))))))))))))))) | character 17 is the 17th open parenthesis",
            })
    void what_may_mean_something_else_to_postgresql_is_refused_with_what_to_write(String text, String said) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(FilterRefusedException.class)
                .hasMessageContaining(said);
    }

    @Test
    void deep_long_and_odd_filters_are_read_in_no_time_or_refused() {
        String deep = "(".repeat(16) + "id = 1" + ")".repeat(16);
        String many = "id = 1" + " or id = 2".repeat(390);
        assertThat(parse(deep).accepts(Json.object().put("id", 1))).isTrue();
        assertThat(parse(many).accepts(Json.object().put("id", 3))).isFalse();
        assertThat(parse("not ".repeat(900) + "paid").accepts(Json.object().put("paid", true)))
                .isTrue();
        assertThatThrownBy(() -> parse("status = 'a\0'")).hasMessageContaining("character 12 is NUL");
        assertThatThrownBy(() -> parse("id = 1" + " or id = 2".repeat(400))).hasMessageContaining("at most 4000");
    }
}
