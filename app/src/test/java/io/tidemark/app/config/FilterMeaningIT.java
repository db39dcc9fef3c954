package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.app.config.FilterGrammar.Kind;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.filter.RowFilter;
import io.tidemark.model.filter.Truth;
import io.tidemark.testkit.SharedStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PostgreSQL is the judge of what a filter's text means: over every row, and of what the filter is printed as. */
class FilterMeaningIT {

    private static final int ROWS = 60;
    private static final int PREDICATES = 600;
    private static final int LOOSE_PREDICATES = 1_500;

    private static Connection connection;
    private static Relation relation;
    private static List<JsonNode> rows;

    @BeforeAll
    static void fill() throws SQLException {
        connection = DriverManager.getConnection(
                SharedStack.freshDatabase(),
                SharedStack.postgres().superuser(),
                SharedStack.postgres().password());
        String columns = FilterGrammar.KINDS.stream()
                .flatMap(kind -> kind.columns().stream().map(column -> column + " " + kind.type()))
                .collect(Collectors.joining(", "));
        execute("SET TimeZone = 'UTC'");
        execute("CREATE TYPE mood AS ENUM ('sad', 'so-so', 'it''s fine', 'Sad')");
        execute(
                "CREATE TABLE t (id int PRIMARY KEY, " + columns
                        + ", list int[], at time, \"Odd \"\"name\" text, posix text COLLATE \"POSIX\", plain text COLLATE \"C\")");
        Random random = new Random(1);
        for (int i = 0; i < ROWS; i++) {
            execute("INSERT INTO t VALUES (" + i + ", " + values(random) + ")");
        }
        relation = SourceCatalog.read(connection, table -> table.equals(new TableId("public", "t")))
                .get(0);
        rows = query("SELECT to_jsonb(t)::text FROM t ORDER BY id").stream()
                .map(row -> Json.parse(row.get(0)))
                .toList();
    }

    /** Of each kind any two of its values, one in five NULL. */
    private static String values(Random random) {
        List<String> values = new ArrayList<>();
        for (Kind kind : FilterGrammar.KINDS) {
            for (int i = 0; i < 2; i++) {
                values.add(
                        random.nextInt(5) == 0
                                ? "NULL"
                                : "'"
                                        + kind.quoted()
                                                .get(random.nextInt(
                                                        kind.quoted().size())) + "'");
            }
        }
        values.add(random.nextBoolean() ? "NULL" : "'{NULL,1}'");
        values.add(random.nextBoolean() ? "NULL" : "'24:00'");
        values.add(random.nextBoolean() ? "'a'" : "'b'");
        values.add(random.nextBoolean() ? "'a'" : "'ab'");
        values.add(random.nextBoolean() ? "'a'" : "NULL");
        return String.join(", ", values);
    }

    @AfterAll
    static void close() throws SQLException {
        connection.close();
    }

    @Test
    void a_filter_is_as_true_of_every_row_as_postgresql_says_and_so_is_its_sql() {
        long seed = System.nanoTime();
        FilterGrammar grammar = new FilterGrammar(new Random(seed));
        int compared = 0;
        for (int i = 0; i < PREDICATES; i++) {
            String text = grammar.predicate(3);
            Optional<RowFilter> filter = parse(text);
            if (filter.isPresent()) {
                assertThat(truths(filter.get()))
                        .as("seed %d: %s", seed, text)
                        .isEqualTo(truths(text))
                        .isEqualTo(truths(filter.get().sql("t")));
                compared++;
            } else {
                assertThat(text).as("seed %d: refused without need", seed).contains("LIKE");
            }
        }
        assertThat(compared).as("seed %d", seed).isGreaterThan(PREDICATES * 8 / 10);
    }

    @Test
    void what_is_read_without_parentheses_is_what_postgresql_reads() {
        long seed = System.nanoTime();
        FilterGrammar grammar = new FilterGrammar(new Random(seed));
        int compared = 0;
        for (int i = 0; i < LOOSE_PREDICATES; i++) {
            String text = grammar.loose(1 + i % 4);
            Optional<RowFilter> filter = parse(text);
            if (filter.isPresent()) {
                assertThat(truths(filter.get())).as("seed %d: %s", seed, text).isEqualTo(truths(text));
                compared++;
            }
        }
        assertThat(compared).as("seed %d", seed).isGreaterThan(LOOSE_PREDICATES / 10);
    }

    @Test
    void texts_of_two_collations_are_compared_though_postgresql_wants_to_be_told_by_which() {
        RowFilter filter =
                parse("plain = posix or t2 is not distinct from plain").orElseThrow();
        assertThat(truths("plain = posix")).first().asString().contains("collation");
        assertThat(truths(filter)).isEqualTo(truths(filter.sql("t"))).contains("row 0 is " + filter.test(rows.get(0)));
    }

    private static Optional<RowFilter> parse(String text) {
        try {
            return Optional.of(new FilterParser(new FilterOperands(relation, column -> Optional.empty())).parse(text));
        } catch (FilterRefusedException e) {
            return Optional.empty();
        }
    }

    private static List<String> truths(RowFilter filter) {
        return IntStream.range(0, rows.size())
                .mapToObj(i -> "row " + i + " is " + filter.test(rows.get(i)))
                .toList();
    }

    private static List<String> truths(String sql) {
        try {
            return query("SELECT id, " + sql + " FROM t ORDER BY id").stream()
                    .map(row -> "row " + row.get(0) + " is " + truth(row.get(1)))
                    .toList();
        } catch (SQLException e) {
            return List.of("PostgreSQL refuses it: " + e.getMessage());
        }
    }

    private static Truth truth(@Nullable String postgres) {
        return postgres == null ? Truth.UNKNOWN : Truth.of(postgres.equals("t"));
    }

    private static void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<List<String>> query(String sql) throws SQLException {
        List<List<String>> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(result.getString(i));
                }
                found.add(row);
            }
        }
        return found;
    }
}
