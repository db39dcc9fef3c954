package io.tidemark.testkit.conformance;

import static io.tidemark.testkit.conformance.Scenario.mark;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.StoredDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Applied tidemarks, whose generation it is, and reading back. */
final class BookkeepingCases {

    private static final int MANY = 1_250;
    private static final int PER_BATCH = 400;

    private BookkeepingCases() {}

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(
                        "the applied tidemark is the minimum, and empty until all partitions have one",
                        BookkeepingCases::minimum),
                new ConformanceCase("an applied tidemark never goes back", BookkeepingCases::neverBack),
                new ConformanceCase(
                        "another lineage and another number of partitions are refused", BookkeepingCases::lineage),
                new ConformanceCase("opening again keeps what is there", BookkeepingCases::reopened),
                new ConformanceCase("a scan sees every document once, in batches", BookkeepingCases::scan),
                new ConformanceCase("get finds what was asked for, and no more", BookkeepingCases::get));
    }

    private static void minimum(Scenario s) {
        assertThat(s.applied()).isEmpty();
        s.claim(mark(0, 7));
        assertThat(s.applied()).isEmpty();
        s.write(s.writer(), List.of(s.set(1, 5)), List.of(mark(1, 5)));
        assertThat(s.applied()).hasValue(mark(1, 5).tidemark());
        s.claim(mark(1, 10));
        assertThat(s.applied()).hasValue(mark(0, 7).tidemark());
    }

    private static void neverBack(Scenario s) {
        s.claim(mark(0, 9), mark(1, 10));
        s.claim(mark(0, 8), mark(1, 9));
        assertThat(s.applied()).hasValue(mark(0, 9).tidemark());
        TidemarkRef idle = new TidemarkRef(9, new Lsn(901));
        s.claim(new AppliedTidemark(0, idle));
        assertThat(s.applied()).as("idle: the number stays, the LSN moves").hasValue(idle);
    }

    private static void lineage(Scenario s) {
        Generation ours = s.store().generation();
        Generation others = new Generation(ours.model(), ours.number(), "another-" + ours.lineage());
        Scenario.assertCode(ErrorCode.DATA_LOSS, () -> s.open(others, Scenario.PARTITIONS));
        Scenario.assertCode(ErrorCode.CONFIGURATION, () -> s.open(ours, Scenario.PARTITIONS + 1));
        assertThat(s.write(s.set(1, 5))).as("neither did harm").allMatch(outcome -> outcome.settled());
    }

    private static void reopened(Scenario s) {
        s.write(s.writer(), List.of(s.set(1, 5)), Scenario.marks(5));
        var second = s.open();
        assertThat(s.contents()).isEqualTo(Map.of(1L, 5L));
        assertThat(s.applied()).hasValue(mark(0, 5).tidemark());
        second.open();
        s.write(second, s.set(1, 4), s.set(2, 4));
        assertThat(s.contents()).isEqualTo(Map.of(1L, 5L, 2L, 4L));
    }

    private static void scan(Scenario s) {
        s.write(
                s.writer(),
                LongStream.range(0, MANY).mapToObj(id -> s.set(id, 3)).toList(),
                List.of());
        List<RowKey> seen = new ArrayList<>();
        try (DocumentReader reader = s.store().reader(s.store().generation())) {
            reader.scan(s.store().collection(), PER_BATCH, batch -> {
                assertThat(batch).isNotEmpty().hasSizeLessThanOrEqualTo(PER_BATCH);
                batch.forEach(document -> seen.add(document.key()));
            });
        }
        assertThat(seen).hasSize(MANY).doesNotHaveDuplicates();
    }

    private static void get(Scenario s) {
        s.write(s.set(1, 3), s.set(2, 4), s.set(3, 5), s.delete(3, 6));
        try (DocumentReader reader = s.store().reader(s.store().generation())) {
            List<RowKey> asked = List.of(Scenario.key(2), Scenario.key(3), Scenario.key(4));
            Map<RowKey, StoredDocument> found = reader.get(s.store().collection(), asked);
            assertThat(found).containsOnlyKeys(Scenario.key(2));
            assertThat(found.values()).extracting(StoredDocument::position).containsExactly(4L);
            assertThat(reader.get(s.store().collection(), List.of())).isEmpty();
        }
    }
}
