package io.tidemark.app.run;

import io.tidemark.app.config.KeyTrial;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.SourceConnections;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Looks for the index that keeps a document's key unique, at every commit and for every row. One that is deferrable does
 * not: it is kept by triggers, which do not fire for a subscription, nor while somebody has turned them off.
 */
final class SqlKeyTrial implements KeyTrial {

    private static final String UNVALIDATED = """
            SELECT a.attname
            FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
            WHERE k.conrelid = to_regclass(?) AND k.contype = 'n' AND NOT k.convalidated AND a.attname = ANY (?)
            ORDER BY a.attnum LIMIT 1""";

    /** Unique indexes whose columns, not those they only include, are all of the key; the best first. */
    private static final String UNIQUE = """
            SELECT c.relname, i.indpred IS NOT NULL AS partial, i.indisvalid AS valid, i.indimmediate AS immediate
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE i.indrelid = to_regclass(?) AND i.indisunique
              AND NOT EXISTS (
                  SELECT FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                  LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                  WHERE k.place <= i.indnkeyatts AND coalesce(a.attname <> ALL (?), true))
            ORDER BY i.indisvalid AND i.indimmediate AND i.indpred IS NULL DESC, c.relname LIMIT 1""";

    private final CaptureSettings.Source source;
    private final Connection connection;

    SqlKeyTrial(CaptureSettings.Source source, Connection connection) {
        this.source = source;
        this.connection = connection;
    }

    @Override
    public Optional<String> objection(TableId table, List<String> columns) {
        try {
            Optional<String> unvalidated = unvalidated(table, columns);
            return unvalidated.isPresent() ? unvalidated : notUnique(table, columns);
        } catch (SQLException e) {
            throw SourceConnections.explain(source, e);
        }
    }

    private Optional<String> unvalidated(TableId table, List<String> columns) throws SQLException {
        try (PreparedStatement statement = prepare(UNVALIDATED, table, columns);
                ResultSet row = statement.executeQuery()) {
            return row.next()
                    ? Optional.of("that column '" + row.getString(1)
                            + "' is NOT NULL was never validated: ALTER TABLE … VALIDATE CONSTRAINT")
                    : Optional.empty();
        }
    }

    private Optional<String> notUnique(TableId table, List<String> columns) throws SQLException {
        try (PreparedStatement statement = prepare(UNIQUE, table, columns);
                ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                return Optional.of(
                        "no UNIQUE constraint or index of " + table + " is over columns of the key alone, so two"
                                + " rows could have the same; ALTER TABLE " + table.quoted() + " ADD UNIQUE ("
                                + SqlIdentifiers.quoteAll(columns) + ")");
            }
            String flaw = flaw(row);
            return flaw.isEmpty()
                    ? Optional.empty()
                    : Optional.of("the unique index '" + row.getString("relname") + "' " + flaw
                            + ", so two rows could have the same key");
        }
    }

    private static String flaw(ResultSet index) throws SQLException {
        if (!index.getBoolean("valid")) {
            return "is not valid";
        }
        if (index.getBoolean("partial")) {
            return "is of some rows only";
        }
        return index.getBoolean("immediate") ? "" : "is of a DEFERRABLE constraint";
    }

    private PreparedStatement prepare(String query, TableId table, List<String> columns) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(query);
        statement.setString(1, table.quoted());
        statement.setArray(2, connection.createArrayOf("text", columns.toArray()));
        return statement;
    }
}
