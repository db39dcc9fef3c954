package io.tidemark.app.model;

import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.reconciliation.DocumentSql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The source as its only writer knows it: the transactions in the order of their commits and, since nobody else writes,
 * exactly what PostgreSQL makes of the definitions after each.
 */
final class WrittenSource {

    private static final String UNIQUE_VIOLATION = "23505";

    /** Every value of a document is printed as capture has it printed, whatever the server's settings are. */
    private static final String SETTINGS = "SET TimeZone = 'UTC'";

    /**
     * A committed transaction.
     *
     * @param xid of 32 bits, as tidemarks list it; 0 of what was there before the first
     * @param documents after it, by model, then by key; canonical JSON
     */
    record Commit(long xid, List<String> statements, Map<String, Map<String, String>> documents) {}

    private final Connection connection;
    private final List<DocumentModel> models;
    private final boolean mayRefuse;
    private final List<Commit> commits = new ArrayList<>();
    private final Map<String, String> canonical = new HashMap<>();

    /**
     * Begins with what is there.
     *
     * @param mayRefuse whether a statement may be refused for a value that another row has; the others go on without it
     */
    WrittenSource(Connection connection, List<DocumentModel> models, boolean mayRefuse) throws SQLException {
        this.connection = connection;
        this.models = models;
        this.mayRefuse = mayRefuse;
        execute(List.of(SETTINGS));
        connection.commit();
        commits.add(new Commit(0, List.of(), documents()));
    }

    /** What was there first, then each transaction, in the order of their commits. */
    List<Commit> commits() {
        return commits;
    }

    /** Commits a transaction. */
    void commit(List<String> transaction) throws SQLException {
        List<String> statements = execute(transaction);
        long xid = Long.parseLong(text("SELECT pg_current_xact_id()::text")) & 0xFFFFFFFFL;
        connection.commit();
        commits.add(new Commit(xid, statements, documents()));
    }

    /** Does all that a transaction does but commit. */
    void abort(List<String> statements) throws SQLException {
        execute(statements);
        connection.rollback();
    }

    /** Where the log ends now, behind everything committed. */
    Lsn token() throws SQLException {
        Lsn token = Tidemark.token(connection);
        connection.commit();
        return token;
    }

    private Map<String, Map<String, String>> documents() throws SQLException {
        Map<String, Map<String, String>> documents = new LinkedHashMap<>();
        for (DocumentModel model : models) {
            documents.put(model.name(), documents(model));
        }
        connection.commit();
        return documents;
    }

    private Map<String, String> documents(DocumentModel model) throws SQLException {
        Map<String, String> documents = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(new DocumentSql(model.root(), model.keyed()).all())) {
            while (rows.next()) {
                String key = model.keyed().keyOf(Json.parse(rows.getString(1))).json();
                documents.put(
                        key, canonical.computeIfAbsent(rows.getString(3), text -> Json.canonical(Json.parse(text))));
            }
        }
        return documents;
    }

    private String text(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    /** Says which of the statements were not refused. */
    private List<String> execute(List<String> statements) throws SQLException {
        List<String> taken = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                if (mayRefuse ? attempt(statement, sql) : executed(statement, sql)) {
                    taken.add(sql);
                }
            }
        }
        return taken;
    }

    private static boolean executed(Statement statement, String sql) throws SQLException {
        statement.execute(sql);
        return true;
    }

    /** A savepoint that is not released is gone with the transaction, and keeps those inside it. */
    private static boolean attempt(Statement statement, String sql) throws SQLException {
        statement.execute("SAVEPOINT attempt");
        try {
            statement.execute(sql);
            return true;
        } catch (SQLException e) {
            if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                throw e;
            }
            statement.execute("ROLLBACK TO SAVEPOINT attempt");
            return false;
        }
    }
}
