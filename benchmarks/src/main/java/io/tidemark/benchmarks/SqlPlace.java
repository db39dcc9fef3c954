package io.tidemark.benchmarks;

import io.tidemark.model.Column;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.stores.sql.SqlDocumentReader;
import io.tidemark.stores.sql.SqlDocumentTable;
import io.tidemark.stores.sql.SqlDocumentWriter;
import io.tidemark.stores.sql.SqlSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * A table in a schema of its own.
 *
 * @param name of the schema
 */
record SqlPlace(String url, String user, String password, String name) implements Place {

    static final String KIND = "sql";

    private static final int BIGINT = 20;

    TableId table() {
        return new TableId(name, "orders");
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url, user, password);
    }

    void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refuses: " + sql, e);
        }
    }

    @Override
    public List<String> arguments() {
        return List.of(KIND, name, url, user, password);
    }

    @Override
    public DocumentWriter writer() {
        return new SqlDocumentWriter(settings(), documents(), generation(), Lane.PARTITIONS);
    }

    @Override
    public DocumentReader reader() {
        return new SqlDocumentReader(settings(), documents(), generation());
    }

    private SqlSettings settings() {
        return new SqlSettings(url, user, new Secret(password));
    }

    private SqlDocumentTable documents() {
        return new SqlDocumentTable(table(), List.of(new Column("id", "bigint", BIGINT, false)), List.of());
    }

    @Override
    public void close() {
        execute("DROP SCHEMA " + name + " CASCADE");
        // Its files and pages must not be written in the next one's time.
        execute("CHECKPOINT");
    }
}
