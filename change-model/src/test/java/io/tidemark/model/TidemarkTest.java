package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TidemarkTest {

    private static final Tidemark FULL = new Tidemark(
            42,
            Lsn.parse("0/16B3748"),
            true,
            Map.of("shop.public.orders", List.of(17L, 4L), "shop.public.lines", List.of(1L, 2L)),
            List.of(new Tidemark.Transaction(
                    42, 771, Lsn.parse("0/16B3748"), Instant.parse("2026-01-02T03:04:05Z"), 3)));

    @Test
    void a_tidemark_survives_its_json_form() {
        assertThat(Tidemark.fromJson(Json.parse(Json.text(FULL.toJson())))).isEqualTo(FULL);
    }

    @Test
    void a_cut_folds_what_moved_and_keeps_the_rest() {
        Tidemark next = new Tidemark(
                43, Lsn.parse("0/16B3800"), false, Map.of("shop.public.orders", List.of(18L, 4L)), List.of());

        Cut cut = Cut.of(FULL).plus(next);

        assertThat(cut.tidemark()).isEqualTo(new TidemarkRef(43, Lsn.parse("0/16B3800")));
        assertThat(cut.offset("shop.public.orders", 0)).isEqualTo(18);
        assertThat(cut.offset("shop.public.lines", 1)).isEqualTo(2);
        assertThat(cut.offset("shop.public.unknown", 0)).isZero();
        assertThatThrownBy(() -> Cut.of(next)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void idle_tidemarks_are_ordered_by_lsn_and_the_number_comes_first() {
        TidemarkRef first = TidemarkRef.parse("42@0/16B3748");

        assertThat(TidemarkRef.parse("42@0/16B3749")).isGreaterThan(first);
        assertThat(TidemarkRef.parse("43@0/1")).isGreaterThan(first);
        assertThat(first.toString()).isEqualTo("42@0/16B3748");
    }

    @Test
    void an_lsn_beyond_the_signed_range_still_compares_as_the_larger() {
        assertThat(Lsn.parse("FFFFFFFF/0")).isGreaterThan(Lsn.parse("0/FFFFFFFF"));
        assertThat(Lsn.parse("16/B374D848").toString()).isEqualTo("16/B374D848");
        assertThatThrownBy(() -> Lsn.parse("nonsense")).hasMessageContaining("is not an LSN");
    }

    @Test
    void a_version_header_has_eight_bytes_of_position_and_four_of_order() {
        byte[] encoded = new Version(258, 3).encode();

        assertThat(encoded).containsExactly(0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3);
        assertThat(Version.decode(encoded)).isEqualTo(new Version(258, 3));
    }
}
