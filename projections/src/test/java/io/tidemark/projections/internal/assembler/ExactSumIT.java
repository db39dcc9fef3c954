package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import io.tidemark.testkit.SharedStack;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against sum() and avg() of PostgreSQL. */
class ExactSumIT {

    private static final int SETS = 2_000;
    private static final long SEED = 5;

    private final Random random = new Random(SEED);

    @Test
    void sums_and_averages_are_postgresqls_digit_for_digit() throws Exception {
        List<String> expected = new ArrayList<>();
        List<String> sets = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int set = 0; set < SETS; set++) {
            ExactSum sum = new ExactSum();
            for (int size = 1 + random.nextInt(random.nextInt(20) == 0 ? 12_000 : 12); size > 0; size--) {
                String value = value();
                sets.add("" + set);
                values.add(value);
                sum.add(Json.parse(Character.isLetter(value.charAt(value.length() - 1)) ? '"' + value + '"' : value));
            }
            expected.add(Json.text(sum.sum()) + " " + Json.text(sum.average()));
        }

        assertThat(asked(sets, values)).as("seed %s", SEED).isEqualTo(expected);
    }

    private static List<String> asked(List<String> sets, List<String> values) throws Exception {
        var server = SharedStack.postgres();
        try (Connection connection =
                        DriverManager.getConnection(server.jdbcUrl("postgres"), server.superuser(), server.password());
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT to_jsonb(sum(v))::text || ' ' || to_jsonb(avg(v))::text"
                                + " FROM unnest(CAST(? AS int[]), CAST(? AS numeric[])) AS x(s, v) GROUP BY s ORDER BY s")) {
            statement.setString(1, "{" + String.join(",", sets) + "}");
            statement.setString(2, "{" + String.join(",", values) + "}");
            List<String> answers = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    answers.add(rows.getString(1));
                }
            }
            return answers;
        }
    }

    private String value() {
        int special = random.nextInt(30_000);
        if (special < 3) {
            return List.of("NaN", "Infinity", "-Infinity").get(special);
        }
        BigInteger digits = new BigInteger(1 + random.nextInt(random.nextInt(10) == 0 ? 300 : 40), random);
        int scale = random.nextBoolean() ? 0 : random.nextInt(random.nextInt(50) == 0 ? 1_100 : 30);
        BigDecimal value = new BigDecimal(random.nextBoolean() ? digits : digits.negate(), scale);
        return value.toPlainString();
    }
}
