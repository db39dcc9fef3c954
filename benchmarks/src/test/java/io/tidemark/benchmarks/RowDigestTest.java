package io.tidemark.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class RowDigestTest {

    @Test
    void rows_count_the_same_in_any_order_and_any_surroundings() {
        Digest json = digest("{\"after\":{\"payload\":\"" + row(1) + "\"}}", "{\"payload\":\"" + row(2) + "\"}");
        Digest text = digest(row(2) + "\n\0t" + row(1));

        assertThat(json).isEqualTo(text);
        assertThat(json.rows()).isEqualTo(2);
    }

    @Test
    void a_row_that_is_missing_twice_or_changed_is_noticed() {
        Digest expected = digest(row(1), row(2));

        for (Digest wrong : List.of(
                digest(row(1)), digest(row(1), row(2), row(2)), digest(row(1), row(1)), digest(row(1), row(3)))) {
            assertThatThrownBy(() -> wrong.require(expected, "peer")).hasMessageStartingWith("peer delivered");
        }
    }

    @Test
    void a_row_across_two_buffers_is_found_in_the_second() {
        byte[] bytes = ("before " + row(7)).getBytes(StandardCharsets.UTF_8);
        RowDigest digest = new RowDigest();

        int from = digest.add(bytes, 40);
        digest.add(Arrays.copyOfRange(bytes, from, bytes.length));

        assertThat(digest.digest()).isEqualTo(digest(row(7)));
    }

    @Test
    void the_id_is_that_of_the_first_row() {
        assertThat(RowDigest.id(("{" + row(42) + "}").getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(42);
        assertThat(RowDigest.id("nothing".getBytes(StandardCharsets.UTF_8))).isEqualTo(-1);
    }

    private static Digest digest(String... deliveries) {
        RowDigest digest = new RowDigest();
        Arrays.stream(deliveries).forEach(each -> digest.add(each.getBytes(StandardCharsets.UTF_8)));
        return digest.digest();
    }

    private static String row(long id) {
        String head = String.format(Locale.ROOT, "row:%012d:", id);
        return head + "x".repeat(RowDigest.LENGTH - head.length());
    }
}
