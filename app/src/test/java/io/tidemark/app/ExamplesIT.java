package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.app.config.DefinitionResolver;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.demo.ShopSchema;
import io.tidemark.app.sql.SqlScript;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.model.Json;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the documentation resolve against the databases they are for. */
class ExamplesIT {

    private static final Path EXAMPLES = Path.of("..", "docs", "examples");
    private static final Path NORTHWIND = Path.of("src", "test", "resources", "northwind", "northwind.sql");

    private static Connection connect(String url) throws SQLException {
        var server = SharedStack.postgres();
        return DriverManager.getConnection(url, server.superuser(), server.password());
    }

    /** Variables for a source, and the shared servers as its stores. */
    private static Function<String, String> environment(String sourceUrl) {
        return name -> switch (name) {
            case "SOURCE_URL" -> sourceUrl;
            case "KAFKA_SERVERS" -> SharedStack.kafka().bootstrapServers();
            case "SEARCH_URL" -> SharedStack.elasticsearch().url();
            case "CACHE_URL" -> SharedStack.redis().url();
            case "WAREHOUSE_URL" -> SharedStack.postgres().jdbcUrl("postgres");
            default ->
                name.endsWith("_USER")
                        ? SharedStack.postgres().superuser()
                        : SharedStack.postgres().password();
        };
    }

    private static List<ReadModel> resolve(String example, String url) throws SQLException {
        TidemarkConfig config =
                TidemarkConfig.load(EXAMPLES.resolve(example).resolve("tidemark.yml"), environment(url));
        try (Connection connection = connect(url)) {
            return DefinitionResolver.resolve(config, SourceCatalog.read(connection, config::mentions));
        }
    }

    private static String northwind() throws SQLException {
        String url = SharedStack.freshDatabase();
        try (Connection connection = connect(url)) {
            SqlScript.load(NORTHWIND).run(connection);
        }
        return url;
    }

    @Test
    void the_shop_resolves() throws SQLException {
        String url = SharedStack.freshDatabase();
        try (Connection connection = connect(url)) {
            ShopSchema.create(connection);
        }
        List<ReadModel> models = resolve("shop", url);
        assertThat(models).extracting(ReadModel::name).containsExactly("order-search", "warehouse");
        assertThat(((DocumentModel) models.get(0)).tables()).hasSize(5);
        assertThat(((MirrorModel) models.get(1)).tables()).hasSize(5);
    }

    @Test
    void northwind_resolves_by_its_foreign_keys() throws SQLException {
        List<ReadModel> models = resolve("northwind", northwind());
        DocumentModel orders = (DocumentModel) models.get(1);
        assertThat(orders.root().references().get(0).by()).containsExactly("customer_id");
        assertThat(orders.root().references().get(1).node().references().get(0).by())
                .containsExactly("reports_to");
        assertThat(orders.root().children().get(0).node().relation().primaryKey())
                .containsExactly("order_id", "product_id");
        assertThat(((MirrorModel) models.get(2)).tables())
                .hasSize(14)
                .contains(new TableId("public", "us_states"), new TableId("public", "customer_customer_demo"));
    }

    @Test
    void check_prints_one_object_for_programs_and_lines_for_people(@TempDir Path directory)
            throws SQLException, IOException {
        String url = northwind();
        String text = Files.readString(EXAMPLES.resolve("northwind").resolve("tidemark.yml"));
        Path file = Files.writeString(directory.resolve("tidemark.yml"), substituted(text, url));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), "check", "--json", "-c", file.toString());
        assertThat(err.toString()).isEmpty();
        assertThat(exitCode).isZero();
        JsonNode json = Json.parse(out.toString());
        assertThat(json.required("valid").booleanValue()).isTrue();
        assertThat(json.required("read-models")).hasSize(3);
        assertThat(json.at("/source/tables")).hasSize(14);

        StringWriter lines = new StringWriter();
        Main.run(new PrintWriter(lines), new PrintWriter(err), "check", "-c", file.toString());
        assertThat(lines.toString())
                .contains("14 tables, slot tidemark_northwind, publication tidemark_northwind")
                .contains("model   warehouse: mirror of 14 tables -> dw (sql) northwind");
    }

    private static String substituted(String text, String url) {
        var variables = environment(url);
        return java.util.regex.Pattern.compile("\\$\\{([A-Z_]+)}")
                .matcher(text)
                .replaceAll(match -> java.util.regex.Matcher.quoteReplacement(variables.apply(match.group(1))));
    }

    @Test
    void a_failing_statement_is_named_by_its_line() throws SQLException {
        SqlScript script = SqlScript.parse("f.sql", "create table t (i int);\n\ninsert into t\nvalues ('x');\n");
        try (Connection connection = connect(SharedStack.freshDatabase())) {
            assertThatThrownBy(() -> script.run(connection))
                    .isInstanceOf(TidemarkException.class)
                    .hasMessageStartingWith("f.sql:3: ERROR: invalid input syntax for type integer");
        }
    }
}
