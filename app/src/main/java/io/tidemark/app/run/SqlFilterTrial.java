package io.tidemark.app.run;

import io.tidemark.app.config.FilterTrial;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.SourceConnections;
import io.tidemark.model.SqlReason;
import io.tidemark.model.TableId;
import io.tidemark.model.filter.RowFilter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * Has the source take a filter's SQL, without reading a row, and looks up the collations: by one that is not
 * deterministic, texts of different letters are equal, and a row does not tell which.
 */
final class SqlFilterTrial implements FilterTrial {

    private static final String INDETERMINATE = """
            SELECT a.attname, c.collname FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation
            WHERE a.attrelid = to_regclass(?) AND a.attname = ANY(?) AND NOT c.collisdeterministic
            ORDER BY a.attnum LIMIT 1""";

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private final CaptureSettings.Source source;
    private final Connection connection;

    SqlFilterTrial(CaptureSettings.Source source, Connection connection) {
        this.source = source;
        this.connection = connection;
    }

    @Override
    public Optional<String> objection(TableId table, RowFilter filter) {
        try {
            Optional<String> collation = indeterminateCollation(table, filter);
            return collation.isPresent() ? collation : refusal(table, filter);
        } catch (SQLException e) {
            throw SourceConnections.explain(source, e);
        }
    }

    private Optional<String> indeterminateCollation(TableId table, RowFilter filter) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INDETERMINATE)) {
            statement.setString(1, table.quoted());
            statement.setArray(
                    2, connection.createArrayOf("text", filter.columns().toArray()));
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of("column '" + row.getString(1) + "' has the collation '" + row.getString(2)
                                + "', by which different texts are equal, so rows cannot be filtered by it")
                        : Optional.empty();
            }
        }
    }

    /** What the source says against the SQL; that it may not be asked is for the doctor to say. */
    private Optional<String> refusal(TableId table, RowFilter filter) throws SQLException {
        String sql = "SELECT FROM " + table.quoted() + " AS t WHERE " + filter.sql("t") + " LIMIT 0";
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return Optional.empty();
        } catch (SQLException e) {
            String state = e.getSQLState() == null ? "" : e.getSQLState();
            if (state.equals(INSUFFICIENT_PRIVILEGE)) {
                return Optional.empty();
            }
            if (state.startsWith("22") || state.startsWith("42")) {
                return Optional.of("the source refuses the filter: " + SqlReason.of(e));
            }
            throw e;
        }
    }
}
