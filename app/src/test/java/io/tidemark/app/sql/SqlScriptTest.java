package io.tidemark.app.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.demo.ShopSchema;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlScriptTest {

    private static List<String> split(String sql) {
        return SqlScript.parse("f.sql", sql).statements().stream()
                .map(SqlScript.Statement::text)
                .toList();
    }

    @Test
    void statements_end_at_semicolons_and_know_their_line() {
        assertThat(SqlScript.parse("f.sql", "\n-- one; two\nselect 1;;\n\n/* x; /* y; */ */ select\n2; select 3")
                        .statements())
                .containsExactly(
                        new SqlScript.Statement(3, "select 1"),
                        new SqlScript.Statement(5, "select\n2"),
                        new SqlScript.Statement(6, "select 3"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 'a;b''c;d', \"e;\"\"f;\"",
                "select E'a\\';b', e'\\\\'",
                "select 'a\\'",
                "select $$a;b$$, $x$ ; $$ ; $x$, $1, a$b$c",
                "select 1 -- a;b",
                "select (/* ; */ 1)",
                "create rule r as on insert to t do also (insert into a values (1); insert into b values (2))",
                "create function f() returns int begin atomic select case when true then 1 end; select 2; end",
                "create or replace procedure p() language sql begin atomic insert into t values (1); end",
                "copy t from '/data/stdin.csv'",
                "insert into t values ('copy t from stdin')",
            })
    void a_semicolon_inside_does_not_end_a_statement(String statement) {
        assertThat(split(statement + "\n; select 2")).hasSize(2).first().isEqualTo(statement);
    }

    @Test
    void an_atomic_body_ends_and_so_does_its_statement() {
        assertThat(split("create function f() returns int begin atomic select 1; end; begin; commit"))
                .hasSize(3);
    }

    @Test
    void a_script_without_statements_is_empty() {
        assertThat(split("\uFEFF -- nothing\n ; \n")).isEmpty();
    }

    @Test
    void what_only_psql_understands_is_refused_with_its_line() {
        assertThatThrownBy(() -> split("select 1;\n\\connect shop\n"))
                .hasMessage("f.sql:2: '\\connect' is a command of psql, not SQL; remove it from the file");
        assertThatThrownBy(() -> split("select 1;\n\nCOPY public.t (a, b)\n  FROM stdin;\n1\t2\n"))
                .hasMessage("f.sql:3: COPY ... FROM STDIN takes its rows from psql; write them as INSERT");
        assertThatThrownBy(() -> split("copy t from stdin;\n1\tO'Brien\n\\.\n"))
                .hasMessageStartingWith("f.sql:1: COPY ... FROM STDIN");
    }

    @Test
    void an_open_quote_is_refused_with_the_line_it_opens_on() {
        assertThatThrownBy(() -> split("select 1;\nselect 'a\n\n")).hasMessageStartingWith("f.sql:2: the quote '");
        assertThatThrownBy(() -> split("select\n$a$ x")).hasMessageStartingWith("f.sql:2: the quote $a$");
        assertThatThrownBy(() -> split("\n\n/* x")).hasMessageStartingWith("f.sql:3: the comment");
    }

    @Test
    void the_scripts_of_the_project_are_split() throws Exception {
        assertThat(split(ShopSchema.sql())).hasSize(8);
        Path northwind = Path.of(
                SqlScriptTest.class.getResource("/northwind/northwind.sql").toURI());
        assertThat(SqlScript.load(northwind).statements())
                .filteredOn(statement -> statement.text().startsWith("CREATE TABLE"))
                .hasSize(14);
    }
}
