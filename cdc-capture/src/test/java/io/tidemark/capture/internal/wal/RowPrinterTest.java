package io.tidemark.capture.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is printed from text to text is what the tree of the same row prints, byte for byte. */
class RowPrinterTest {

    private static final TableId TABLE = new TableId("public", "t");
    private static final long SEED = 20_261_121;

    private final RowText row = new RowText();
    private final JsonBuffer out = new JsonBuffer();

    private record Typed(ValueType type, String text) {}

    private static Column column(String name, String type) {
        return new Column(name, type, 0, true, 0, "");
    }

    private static Relation relation(List<Column> columns, List<String> key) {
        return new Relation(TABLE, columns, key, List.of(), 1);
    }

    static List<Typed> values() {
        ValueType number = new ValueType.Numeric();
        ValueType plain = new ValueType.Plain();
        ValueType timestamp = new ValueType.Timestamp();
        ValueType zoned = new ValueType.TimestampTz();
        return List.of(
                new Typed(number, "0"),
                new Typed(number, "-0"),
                new Typed(number, "-17"),
                new Typed(number, "1.10"),
                new Typed(number, "-0.5"),
                new Typed(number, "1e+20"),
                new Typed(number, "2.5e-05"),
                new Typed(number, "NaN"),
                new Typed(number, "-Infinity"),
                new Typed(number, "123456789012345678901234567890.000"),
                new Typed(new ValueType.Bool(), "t"),
                new Typed(new ValueType.Bool(), "f"),
                new Typed(plain, ""),
                new Typed(plain, "grüße, 世界 \uD83D\uDE00 \u007F"),
                new Typed(plain, "a\"b\\c/d\b\f\n\r\t\u0001\u000B\u001F"),
                new Typed(timestamp, "2024-01-02 03:04:05.678901"),
                new Typed(timestamp, "0044-03-15 12:00:00 BC"),
                new Typed(timestamp, "294276-12-31 23:59:59.999999"),
                new Typed(timestamp, "-infinity"),
                new Typed(zoned, "2024-01-02 03:04:05.5+00"),
                new Typed(zoned, "10000-01-02 03:04:05+00"),
                new Typed(zoned, "4714-11-24 00:00:00+00 BC"),
                new Typed(zoned, "infinity"),
                new Typed(new ValueType.Jsonb(), "{\"a\": [1.10, null]}"),
                new Typed(new ValueType.Array(plain, ','), "{a,\"b c\",NULL}"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void a_value_is_printed_as_its_node_is(Typed value) {
        byte[] text = ("##" + value.text() + "##").getBytes(StandardCharsets.UTF_8);

        value.type().print(text, 2, text.length - 2, out);

        assertThat(out.toText()).isEqualTo(Json.text(value.type().toJson(value.text())));
    }

    @Test
    void a_line_of_copy_is_taken_apart() {
        row.readCopy("1\ta\\tb\\\\c\\n\t\\N\t\t\\\\N\n".getBytes(StandardCharsets.UTF_8));

        assertThat(row.columns()).isEqualTo(5);
        assertThat(row.text(0)).isEqualTo("1");
        assertThat(row.text(1)).isEqualTo("a\tb\\c\n");
        assertThat(row.isNull(2)).isTrue();
        assertThat(row.text(3)).isEmpty();
        assertThat(row.isNull(3)).isFalse();
        assertThat(row.text(4)).isEqualTo("\\N");
    }

    @Test
    void rows_and_keys_of_any_text_are_those_of_their_trees() {
        Relation relation = relation(
                List.of(column("id", "bigint"), column("na\"me", "text"), column("code", "character(6)")),
                List.of("na\"me", "id"));
        RowPrinter printer = new RowPrinter(
                relation, List.of(new ValueType.Numeric(), new ValueType.Plain(), new ValueType.Plain()));
        Random random = new Random(SEED);
        for (int i = 0; i < 2_000; i++) {
            String name = text(random);
            String code = random.nextInt(4) == 0 ? "\\N" : copy(text(random));
            row.readCopy((random.nextLong() + "\t" + copy(name) + "\t" + code + "\n").getBytes(StandardCharsets.UTF_8));

            out.clear();
            printer.print(row, out);

            assertThat(out.toText()).as("seed %s, row %s", SEED, i).isEqualTo(Json.text(printer.tree(row)));
            assertThat(printer.key(row)).isEqualTo(relation.keyOf(printer.tree(row)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.10", "1.0", "-0", "100", "1e+20", "NaN", "-0.00", "12345678901234567890"})
    void a_number_that_is_a_key_is_canonical(String number) {
        Relation relation = relation(List.of(column("id", "numeric")), List.of("id"));
        RowPrinter printer = new RowPrinter(relation, List.of(new ValueType.Numeric()));

        row.readCopy(number.getBytes(StandardCharsets.UTF_8));

        assertThat(printer.key(row)).isEqualTo(relation.keyOf(printer.tree(row)));
    }

    @Test
    void a_key_of_padded_text_has_no_padding() {
        RowPrinter printer = new RowPrinter(
                relation(List.of(column("id", "character(4)")), List.of("id")), List.of(new ValueType.Plain()));

        row.readCopy("ab  \n".getBytes(StandardCharsets.UTF_8));

        assertThat(printer.key(row).json()).isEqualTo("{\"id\":\"ab\"}");
    }

    @Test
    void a_value_that_nests_too_deep_is_refused_with_its_column() {
        RowPrinter printer = new RowPrinter(
                relation(List.of(column("id", "int"), column("deep", "jsonb")), List.of("id")),
                List.of(new ValueType.Numeric(), new ValueType.Jsonb()));
        row.readCopy(("1\t" + "[".repeat(1_001) + "]".repeat(1_001)).getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> printer.print(row, out))
                .isInstanceOf(UnprintableValueException.class)
                .hasMessageContaining("Column 'deep' of public.t");
    }

    private static String text(Random random) {
        return IntStream.range(0, random.nextInt(12))
                .map(i -> random.nextInt(3) == 0 ? 1 + random.nextInt(127) : 0xA0 + random.nextInt(0x2000))
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    /** As COPY's text format writes it. */
    private static String copy(String text) {
        return text.replace("\\", "\\\\")
                .replace("\b", "\\b")
                .replace("\f", "\\f")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t")
                .replace("\u000B", "\\v");
    }
}
