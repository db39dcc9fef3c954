package io.tidemark.capture.internal;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.capture.SourceCatalog.WithoutWal;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.Version;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A captured table is described in a new way.
 *
 * <p>Rows in the topics are read by the newest description: a column a row lacks is null, one the description lacks is
 * nobody's.
 *
 * @param now what is published
 * @param rowsChanged whether rows that the stream does not send again may read otherwise in the topics than in the source
 */
public record RelationChange(Relation now, boolean rowsChanged) {

    /**
     * Judges a change.
     *
     * @param withoutWal of {@code now}
     */
    public static RelationChange of(Relation before, Relation now, WithoutWal withoutWal) {
        boolean columnsChanged =
                now.columns().stream().anyMatch(column -> changed(before, column, withoutWal.filledColumns()));
        return new RelationChange(now, columnsChanged || partitionsChanged(before, now, withoutWal));
    }

    /** The description that is published: it names the columns rows in the topics may have beside those of the table. */
    Relation published(Relation before, Version from) {
        if (rowsChanged) {
            return now.describing(from, from).withFormer(List.of());
        }
        List<String> former = Stream.concat(
                        before.former().stream(), before.columns().stream().map(Column::name))
                .filter(name -> now.column(name).isEmpty())
                .distinct()
                .toList();
        return now.describing(from, now.rowsFrom()).withFormer(former);
    }

    /** The rows of a partition that was attached came with it, those of one that was detached or dropped left with it. */
    private static boolean partitionsChanged(Relation before, Relation now, WithoutWal withoutWal) {
        return !now.partitions().containsAll(before.partitions())
                || now.partitions().stream()
                        .anyMatch(partition -> !before.partitions().contains(partition)
                                && withoutWal.attachedPartitions().contains(partition));
    }

    private static boolean changed(Relation before, Column now, Set<String> filled) {
        Optional<Column> then = before.column(now.name());
        if (then.isEmpty()) {
            return filled.contains(now.name())
                    || before.former().contains(now.name())
                    || mayHaveHadAnotherName(before, now);
        }
        boolean madeAnew = then.get().number() != now.number() && then.get().number() != 0 && now.number() != 0;
        return madeAnew || retyped(then.get(), now) || detailChanged(then.get().detail(), now.detail());
    }

    /** Without its number any column could be it. */
    private static boolean mayHaveHadAnotherName(Relation before, Column now) {
        return now.number() == 0
                || before.columns().stream()
                        .anyMatch(column -> column.number() == now.number() || column.number() == 0);
    }

    /**
     * Whether a type's change may have changed how a value prints. Where the server has to write the table anew nobody can
     * tell, since an expression may have come with it ({@code USING}).
     */
    private static boolean retyped(Column then, Column now) {
        return !then.fits(now);
    }

    /** Labels may come; any other difference shows in values there are. One that was not looked at before says nothing. */
    private static boolean detailChanged(String then, String now) {
        if (then.equals(now) || then.isEmpty()) {
            return false;
        }
        JsonNode before = Json.parse(then);
        JsonNode after = now.isEmpty() ? Json.object() : Json.parse(now);
        return !before.isObject()
                || before.properties().stream()
                        .anyMatch(label -> !label.getValue().equals(after.get(label.getKey())));
    }
}
