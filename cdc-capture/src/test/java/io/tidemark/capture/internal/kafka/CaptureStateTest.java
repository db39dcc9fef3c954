package io.tidemark.capture.internal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.internal.kafka.FillingTable.Standing;
import io.tidemark.model.Cut;
import io.tidemark.model.Lsn;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CaptureStateTest {

    private static final TableId TABLE = new TableId("public", "items");
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    private final CaptureState captured = state(new TidemarkRef(41, new Lsn(1000)), List.of());
    private final CaptureState recovering =
            captured.recovering(2, new Lsn(2000), NOW, List.of(FillingTable.compared(TABLE, Standing.WRONG)));

    private static CaptureState state(TidemarkRef published, List<FillingTable> filling) {
        return new CaptureState(
                "lineage",
                "7",
                1,
                new Cut(new TidemarkRef(41, new Lsn(1000)), Map.of("shop.public.items", List.of(7L))),
                published,
                NOW.minusSeconds(60),
                new Lsn(900),
                null,
                filling,
                List.of());
    }

    @Test
    void a_state_with_an_open_gap_has_a_format_that_builds_without_gaps_refuse() {
        assertThat(captured.toJson().get("format").intValue()).isEqualTo(2);
        assertThat(recovering.toJson().get("format").intValue()).isEqualTo(3);
        CaptureState ended = recovering.withOpenGap(gap -> gap.endedBy(50));
        assertThat(ended.gaps()).hasSize(1);
        assertThat(ended.toJson().get("format").intValue()).isEqualTo(2);
    }

    @Test
    void both_formats_are_read_and_no_other_one() {
        assertThat(CaptureState.fromJson(captured.toJson())).isEqualTo(captured);
        assertThat(CaptureState.fromJson(recovering.toJson())).isEqualTo(recovering);
        ObjectNode newer = recovering.toJson().put("format", 4);
        assertThatThrownBy(() -> CaptureState.fromJson(newer))
                .hasMessageContaining("format 4; this version reads 2 and 3");
    }

    /** Before the first tidemark there is no gap: builds that cannot compare go on, and have to read the table whole. */
    @Test
    void a_table_that_is_compared_is_written_as_it_is_at_its_beginning() {
        FillingTable half = FillingTable.compared(TABLE, Standing.NEW)
                .beginning(17)
                .plus(20_000)
                .upTo(List.of("20000"));
        CaptureState first = state(TidemarkRef.NONE, List.of());
        CaptureState second = first.recovering(1, new Lsn(2000), NOW, List.of(half.whole()));
        JsonNode table = second.toJson().at("/filling/0");

        assertThat(second.toJson().get("format").intValue()).isEqualTo(2);
        assertThat(table.get("after")).isEmpty();
        assertThat(table.get("read").booleanValue()).isFalse();
        assertThat(table.get("from").longValue()).isZero();
        assertThat(table.get("sweeps").booleanValue()).isTrue();
        assertThat(table.get("rows").longValue()).as("for who looks on").isEqualTo(20_000);
    }

    @Test
    void a_table_that_is_read_again_goes_on_where_it_was() {
        FillingTable half = FillingTable.again(TABLE, Standing.AGAIN)
                .beginning(17)
                .plus(20_000)
                .upTo(List.of("20000"));

        assertThat(FillingTable.fromJson(half.toJson())).isEqualTo(half);
        assertThat(FillingTable.fromJson(half.whole().toJson())).isEqualTo(half.whole());
    }

    /** The first message after the new place may begin just there. */
    @Test
    void a_recovery_takes_no_message_for_captured_that_was_not() {
        assertThat(recovering.messageLsn()).isEqualTo(new Lsn(900));
    }

    @Test
    void a_recovery_holds_tidemarks_back_and_leaves_positions_out() {
        assertThat(recovering.holdsTidemarks()).isTrue();
        assertThat(recovering.cut().tidemark()).isEqualTo(new TidemarkRef(42, new Lsn(2000)));
        assertThat(recovering.openGap())
                .hasValueSatisfying(gap -> assertThat(gap.from()).isEqualTo(41));
    }
}
