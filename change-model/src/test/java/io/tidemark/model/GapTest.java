package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GapTest {

    private static final Gap OPEN = Gap.after(new TidemarkRef(41, Lsn.parse("0/16B3748")), Instant.EPOCH);

    @Test
    void an_open_one_holds_every_later_position_and_one_that_ended_those_before_its_tidemark() {
        assertThat(OPEN.isOpen()).isTrue();
        assertThat(OPEN.holds(41)).isFalse();
        assertThat(OPEN.holds(42)).isTrue();
        assertThat(OPEN.holds(Long.MAX_VALUE)).isTrue();
        Gap ended = OPEN.endedBy(50);
        assertThat(ended.isOpen()).isFalse();
        assertThat(ended.holds(49)).isTrue();
        assertThat(ended.holds(50)).isFalse();
    }

    @Test
    void a_tidemark_says_which_it_ends() {
        Gap gap = OPEN.plus(3, 2).plus(1, 0).endedBy(50);
        Tidemark tidemark = new Tidemark(50, Lsn.parse("0/2000000"), true, Map.of(), List.of(), 42, gap);

        assertThat(Json.text(tidemark.toJson().get("gap")))
                .isEqualTo(
                        "{\"from\":41,\"lsn\":\"0/16B3748\",\"since\":\"1970-01-01T00:00:00Z\",\"to\":50,\"written\":4,\"deleted\":2}");
        assertThat(Tidemark.fromJson(tidemark.toJson())).isEqualTo(tidemark);
        assertThat(Tidemark.fromJson(new Tidemark(50, Lsn.ZERO, true, Map.of(), List.of()).toJson())
                        .gap())
                .isNull();
    }
}
