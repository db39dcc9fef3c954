package io.tidemark.app.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** A plain SQL file: its statements, one after the other. */
public final class SqlScript {

    /**
     * A statement without its semicolon.
     *
     * @param line of its first word, from 1
     */
    record Statement(int line, String text) {}

    private final String name;
    private final List<Statement> statements;

    private SqlScript(String name, List<Statement> statements) {
        this.name = name;
        this.statements = List.copyOf(statements);
    }

    /**
     * Reads a file.
     *
     * @throws TidemarkException CONFIGURATION when the file cannot be read, or holds what only psql understands
     */
    public static SqlScript load(Path file) {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new TidemarkException(ErrorCode.CONFIGURATION, "There is no file " + file, e);
        } catch (MalformedInputException e) {
            throw new TidemarkException(ErrorCode.CONFIGURATION, file + " is not UTF-8 text; convert it first", e);
        } catch (IOException e) {
            throw new TidemarkException(ErrorCode.CONFIGURATION, "Cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Splits a script into its statements.
     *
     * @param name for messages
     * @throws TidemarkException CONFIGURATION when it holds psql's commands, COPY FROM STDIN or an open quote
     */
    public static SqlScript parse(String name, String sql) {
        return new SqlScript(name, new SqlSplitter(name, sql).split());
    }

    /**
     * Runs every statement, each in its own transaction where the connection commits by itself.
     *
     * @throws TidemarkException FAILED with the line of the first statement that fails; the ones before it stay
     */
    public void run(Connection connection) throws SQLException {
        try (java.sql.Statement jdbc = connection.createStatement()) {
            jdbc.setEscapeProcessing(false);
            for (Statement statement : statements) {
                run(jdbc, statement);
            }
        }
    }

    private void run(java.sql.Statement jdbc, Statement statement) {
        try {
            jdbc.execute(statement.text());
        } catch (SQLException e) {
            throw new TidemarkException(ErrorCode.FAILED, name + ":" + statement.line() + ": " + e.getMessage(), e);
        }
    }

    List<Statement> statements() {
        return statements;
    }

    static TidemarkException refused(String name, int line, String text) {
        return new TidemarkException(ErrorCode.CONFIGURATION, name + ":" + line + ": " + text);
    }
}
