package io.tidemark.capture.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import io.tidemark.testkit.SharedStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which json the server makes jsonb of, and of what it makes none: asked of the server itself. */
class JsonTextIT {

    private static final List<String> STRINGS = List.of(
            "\"\\u0000\"",
            "{\"\\u0000\": 1}",
            "{\"a\": \"\\u0000\", \"a\": 1}",
            "\"\\\\u0000\"",
            "\"\\\\\\u0000\"",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\udc00\\ud800\"",
            "\"\\ud83d\\ude00\"",
            "\"\\uD83D\\uDE00\\ud83d\"",
            "\"\\ud83d\\ud83d\\ude00\"",
            "\"\\ud83dx\\ude00\"",
            "\"\\ud83d\\n\"",
            "\"\\u0001\\u001f\\u007f\\ufffe\\uffff\"",
            "\"1e200000\"",
            "\"\\\"1e200000\"",
            "[1e200000]",
            "{\"a\": {\"b\": 1e-20000}, \"a\": 1}");

    private static final List<String> NUMBERS = List.of(
            "1e131071",
            "1e131072",
            "9.99e131071",
            "0.1e131072",
            "10e131071",
            "-1E+131071",
            "1e-16383",
            "1e-16384",
            "1.0e-16383",
            "10e-16384",
            "0e-16384",
            "0e1073741823",
            "0e1073741824",
            "0e99999999999999999999",
            "-0",
            "-0.00",
            "1e0000000000000000000000000000002",
            "0." + "0".repeat(16_383),
            "0." + "0".repeat(16_384),
            "1." + "0".repeat(16_384) + "e1",
            "9".repeat(131_072),
            "9".repeat(131_073),
            "9".repeat(131_072) + "." + "9".repeat(16_383));

    @Test
    void json_is_refused_exactly_when_the_server_refuses_it_and_else_the_same() throws SQLException {
        List<String> texts = new ArrayList<>(STRINGS);
        texts.addAll(NUMBERS);
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 200; i++) {
            texts.add(number(random));
        }
        try (Connection connection = DriverManager.getConnection(
                        SharedStack.freshDatabase(),
                        SharedStack.postgres().superuser(),
                        SharedStack.postgres().password());
                PreparedStatement statement =
                        connection.prepareStatement("SELECT to_jsonb(?::json)::text = (?::jsonb)::text")) {
            for (String text : texts) {
                assertThat(servers(statement, text, ours(text)))
                        .as("%.200s, seed %s", text, seed)
                        .isTrue();
            }
        }
    }

    /** Of a few digits, with an exponent that puts it near one of numeric's ends. */
    private static String number(SplittableRandom random) {
        int edge = random.nextBoolean() ? 131_072 : -16_384;
        String digits = "1230".substring(random.nextInt(3));
        String fraction = random.nextBoolean() ? "" : "." + "04500".substring(random.nextInt(4));
        return (random.nextBoolean() ? "-" : "") + digits + fraction + "e" + (edge + random.nextInt(-6, 7));
    }

    /** Whether the server agrees: it prints the same, or refuses too. */
    private static boolean servers(PreparedStatement statement, String text, Optional<String> ours)
            throws SQLException {
        statement.setString(1, text);
        statement.setString(2, ours.orElse("null"));
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return ours.isPresent() && row.getBoolean(1);
        } catch (SQLException e) {
            assertThat(e.getSQLState()).startsWith("22");
            return ours.isEmpty();
        }
    }

    private static Optional<String> ours(String text) {
        try {
            return Optional.of(Json.text(JsonText.parse(text)));
        } catch (UnprintableValueException e) {
            return Optional.empty();
        }
    }
}
