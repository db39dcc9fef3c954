package io.tidemark.capture.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.capture.SourceCatalog.WithoutWal;
import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RelationChangeTest {

    private static final Column ID = new Column("id", "integer", 23, false, 1, "");

    @Test
    void a_column_that_comes_empty_or_goes_leaves_rows_right() {
        assertThat(change(table(text("a", 2)), table(text("a", 2), text("b", 3))))
                .isFalse();
        assertThat(change(table(text("a", 2), text("b", 3)), table(text("b", 3))))
                .isFalse();
        assertThat(change(table(text("a", 2), text("b", 3)), table(text("b", 3), text("a", 2))))
                .isFalse();
    }

    @Test
    void a_column_that_comes_with_values_changes_rows() {
        assertThat(change(table(), table(text("b", 3)), "b")).isTrue();
        assertThat(change(table(text("b", 3)), table(text("b", 3)), "b"))
                .as("it was there before")
                .isFalse();
    }

    @Test
    void a_column_under_a_new_name_or_another_one_under_the_same_changes_rows() {
        assertThat(change(table(text("a", 2)), table(text("b", 2)))).isTrue();
        assertThat(change(table(text("a", 2)), table(text("a", 3)))).isTrue();
        assertThat(change(table(text("a", 2), text("b", 3)), table(text("b", 2), text("a", 3))))
                .as("names swapped")
                .isTrue();
    }

    @Test
    void without_numbers_a_new_name_is_taken_for_a_renamed_column_and_an_old_one_for_the_same() {
        assertThat(change(table(text("a", 0)), table(text("b", 0)))).isTrue();
        assertThat(change(table(text("a", 0)), table(text("a", 2)))).isFalse();
    }

    @Test
    void what_may_be_null_and_what_a_type_is_called_changes_no_row() {
        Column before = new Column("m", "mood", 16_400, true, 2, "");
        Column after = new Column("m", "other.feeling", 16_400, false, 2, "");

        assertThat(change(table(before), table(after), "m")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "integer|23|bigint|20|true",
                "integer|23|text|25|true",
                "character varying(10)|1043|text|25|false",
                "character varying(10)|1043|character varying(20)|1043|false",
                "character varying(10)|1043|character varying|1043|false",
                "text|25|character varying|1043|false",
                "text|25|character varying(20)|1043|true",
                "character varying(20)|1043|character varying(10)|1043|true",
                "character(5)|1042|character(10)|1042|true",
                "numeric(10,2)|1700|numeric(12,2)|1700|false",
                "numeric(10,2)|1700|numeric|1700|false",
                "numeric(10,2)|1700|numeric(12,3)|1700|true",
                "numeric(12,2)|1700|numeric(10,2)|1700|true",
                "numeric|1700|numeric(10,2)|1700|true",
                "timestamp without time zone|1114|timestamp with time zone|1184|true",
                "timestamp(3) without time zone|1114|timestamp without time zone|1114|true",
                "numeric(10,2)[]|1231|numeric(12,2)[]|1231|true",
            })
    void another_type_changes_rows_unless_every_value_prints_as_before(
            String then, long oidThen, String now, long oidNow, boolean rowsChanged) {
        Column before = new Column("c", then, oidThen, true, 2, "");
        Column after = new Column("c", now, oidNow, true, 2, "");

        assertThat(change(table(before), table(after))).isEqualTo(rowsChanged);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"1\":\"a\"}|{\"1\":\"a\",\"2\":\"b\"}|false",
                "{\"1\":\"a\",\"2\":\"b\"}|{\"3\":\"c\",\"2\":\"b\",\"1\":\"a\"}|false",
                "{\"1\":\"a\"}|{\"1\":\"b\"}|true",
                "[[1,\"a\",23]]|[[1,\"a\",23]]|false",
                "[[1,\"a\",23]]|[[1,\"b\",23]]|true",
                "[[1,\"a\",23]]|[[1,\"a\",23],[2,\"b\",23]]|true",
            })
    void a_type_altered_in_place_changes_rows_unless_it_only_gained_labels(
            String then, String now, boolean rowsChanged) {
        Column before = new Column("c", "t", 16_400, true, 2, then);
        Column after = new Column("c", "t", 16_400, true, 2, now);

        assertThat(change(table(before), table(after))).isEqualTo(rowsChanged);
    }

    private static boolean change(Relation before, Relation now, String... filled) {
        return RelationChange.of(before, now, new WithoutWal(Set.of(filled), Set.of(31L, 32L)))
                .rowsChanged();
    }

    private static Column text(String name, int number) {
        return new Column(name, "text", 25, true, number, "");
    }

    private static Relation table(Column... others) {
        List<Column> columns = new java.util.ArrayList<>(List.of(ID));
        columns.addAll(Arrays.asList(others));
        return new Relation(new TableId("public", "t"), columns, List.of("id"), List.of(), 1, 16_384, List.of());
    }

    @Test
    void a_partition_that_comes_with_rows_or_goes_changes_rows() {
        assertThat(change(partitioned(30L, 31L), partitioned(30L, 31L, 33L)))
                .as("made as a partition")
                .isFalse();
        assertThat(change(partitioned(30L, 31L), partitioned(30L, 31L, 32L)))
                .as("attached")
                .isTrue();
        assertThat(change(partitioned(30L, 31L), partitioned(31L)))
                .as("detached")
                .isTrue();
    }

    private static Relation partitioned(Long... partitions) {
        return new Relation(
                new TableId("public", "t"), List.of(ID), List.of("id"), List.of(), 1, 16_384, List.of(partitions));
    }
}
