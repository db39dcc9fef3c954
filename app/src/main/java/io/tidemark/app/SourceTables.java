package io.tidemark.app;

import io.tidemark.app.config.SourceConfig;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;

/** Reads the descriptions of the tables a configuration is about from the source. */
final class SourceTables {

    private static final String TIMEOUT_SECONDS = "10";

    private SourceTables() {}

    /**
     * The tables that are captured or mentioned.
     *
     * @throws TidemarkException UNREACHABLE when the source does not answer or refuses the credentials
     */
    static List<Relation> read(TidemarkConfig config) {
        SourceConfig source = config.source();
        try (Connection connection = DriverManager.getConnection(source.url().value(), properties(source))) {
            return SourceCatalog.read(connection, config::mentions);
        } catch (SQLException e) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE, "The source " + source.url() + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Properties properties(SourceConfig source) {
        Properties properties = new Properties();
        properties.setProperty("user", source.user());
        properties.setProperty("password", source.password().reveal());
        properties.setProperty("connectTimeout", TIMEOUT_SECONDS);
        properties.setProperty("ApplicationName", "tidemark check");
        return properties;
    }
}
