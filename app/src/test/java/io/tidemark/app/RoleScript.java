package io.tidemark.app;

import io.tidemark.model.SqlIdentifiers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code sql/role.sql} as psql runs it: its variables, and {@code \gexec}, which runs what a query returns. */
final class RoleScript {

    private static final String GEXEC = "\\gexec";

    private RoleScript() {}

    static void run(Connection connection, Map<String, String> variables) throws IOException, SQLException {
        String text = Files.readAllLines(Path.of("..", "sql", "role.sql")).stream()
                .map(line -> line.replaceAll("--.*", ""))
                .filter(line -> !line.strip().startsWith("\\"))
                .collect(Collectors.joining("\n"));
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            text = text.replace(":'" + variable.getKey() + "'", SqlIdentifiers.literal(variable.getValue()))
                    .replace(":\"" + variable.getKey() + "\"", SqlIdentifiers.quote(variable.getValue()));
        }
        for (String statement : text.replace(GEXEC, GEXEC + ";").split(";", -1)) {
            if (!statement.isBlank()) {
                run(connection, statement.strip());
            }
        }
    }

    private static void run(Connection connection, String statement) throws SQLException {
        try (Statement jdbc = connection.createStatement()) {
            if (!statement.endsWith(GEXEC)) {
                jdbc.execute(statement);
                return;
            }
            List<String> made = new ArrayList<>();
            try (ResultSet rows = jdbc.executeQuery(statement.replace(GEXEC, ""))) {
                while (rows.next()) {
                    made.add(rows.getString(1));
                }
            }
            for (String each : made) {
                jdbc.execute(each);
            }
        }
    }
}
