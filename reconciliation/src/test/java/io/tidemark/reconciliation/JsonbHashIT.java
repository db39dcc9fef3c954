package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.store.JsonbHash;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random JSON, hashed here and by PostgreSQL. */
class JsonbHashIT {

    private static final int VALUES = 2_000;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void it_is_what_postgresql_makes_of_the_text_of_jsonb() throws SQLException {
        try (Connection connection = SourceDatabase.fresh().connect();
                PreparedStatement hash = connection.prepareStatement(
                        "SELECT hashtextextended(CAST(? AS jsonb)::text COLLATE \"C\", ?)")) {
            for (int i = 0; i < VALUES; i++) {
                JsonNode json = value(3);
                long keyHash = i % 3 == 0 ? 0 : random.nextLong();
                hash.setString(1, Json.text(json));
                hash.setLong(2, keyHash);
                try (ResultSet row = hash.executeQuery()) {
                    row.next();
                    assertThat(JsonbHash.of(json, keyHash))
                            .as("seed %d: the hash of %s", seed, json)
                            .isEqualTo(row.getLong(1));
                }
            }
        }
    }

    @Test
    void what_is_not_the_same_has_another_hash_though_postgresql_would_print_it_alike_or_could_not_hold_it() {
        assertThat(hash("1E+2")).isNotEqualTo(hash("100"));
        assertThat(hash("1e-999999999")).isNotEqualTo(hash("0"));
        assertThat(hash("\"why\\ud800\"")).isNotEqualTo(hash("\"why?\""));
        assertThat(hash("\"\\udc00\\ud800\"")).isNotEqualTo(hash("\"\\ud800\\udc00\""));
    }

    private static long hash(String json) {
        return JsonbHash.of(Json.parse(json), 0);
    }

    private JsonNode value(int depth) {
        return switch (random.nextInt(depth == 0 ? 5 : 7)) {
            case 0 -> Json.parse(List.of("true", "false", "null").get(random.nextInt(3)));
            case 1 -> Json.parse(String.valueOf(random.nextLong() >> random.nextInt(64)));
            case 2 ->
                Json.parse(new BigDecimal(random.nextLong() >> random.nextInt(64))
                        .movePointLeft(random.nextInt(30))
                        .toPlainString());
            case 3, 4 -> Json.object().textNode(text());
            case 5 -> array(depth);
            default -> object(depth);
        };
    }

    private ArrayNode array(int depth) {
        ArrayNode array = Json.array();
        for (int n = random.nextInt(4); n > 0; n--) {
            array.add(value(depth - 1));
        }
        return array;
    }

    private ObjectNode object(int depth) {
        ObjectNode object = Json.object();
        for (int n = random.nextInt(6); n > 0; n--) {
            object.set(text(), value(depth - 1));
        }
        return object;
    }

    /** Of any length, of any characters that PostgreSQL can have. */
    private String text() {
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(random.nextInt(4) == 0 ? 40 : 4); n > 0; n--) {
            int character =
                    switch (random.nextInt(4)) {
                        case 0 -> 1 + random.nextInt(0x7f);
                        case 1 -> 0x80 + random.nextInt(0x700);
                        case 2 -> 0xe000 + random.nextInt(0x1fff);
                        default -> 0x1_0000 + random.nextInt(0xf_ffff);
                    };
            text.appendCodePoint(character);
        }
        return text.toString();
    }
}
