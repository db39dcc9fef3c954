package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.AggregateConfig;
import io.tidemark.app.config.ReadModelConfig.ListConfig;
import io.tidemark.app.config.ReadModelConfig.OrderConfig;
import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Aggregate.Function;
import io.tidemark.model.definition.SortColumn;
import io.tidemark.model.definition.ValueOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Resolves how the list of a {@code many} is made, and its aggregates. */
final class ListResolver {

    private static final Set<String> STRUCTURED = Set.of("json", "jsonb", "hstore");

    private static final Set<String> EXACT_NUMBERS = Set.of("smallint", "integer", "bigint", "numeric");

    private final Catalogue catalogue;
    private final Problems problems;

    ListResolver(Catalogue catalogue, Problems problems) {
        this.catalogue = catalogue;
        this.problems = problems;
    }

    List<SortColumn> orderBy(Relation child, ListConfig list) {
        List<SortColumn> columns = new ArrayList<>();
        for (OrderConfig order : list.orderBy()) {
            catalogue.comparableColumn(child, order.column()).ifPresent(column -> {
                requireOrdered(child, column, order.column());
                columns.add(new SortColumn(column.name(), order.descending(), order.nullsFirst()));
            });
        }
        return columns;
    }

    List<Aggregate> aggregates(Relation child, ListConfig list) {
        List<Aggregate> aggregates = new ArrayList<>();
        for (AggregateConfig config : list.aggregates()) {
            String name = config.name().text();
            Mention mention = config.column();
            if (mention == null) {
                aggregates.add(new Aggregate(name, config.function(), null));
            } else {
                aggregated(child, config.function(), mention)
                        .ifPresent(column -> aggregates.add(new Aggregate(name, config.function(), column.name())));
            }
        }
        return aggregates;
    }

    /** A count needs no values: hashes and masks are null where the values are. */
    private Optional<Column> aggregated(Relation child, Function function, Mention mention) {
        if (function == Function.COUNT) {
            return counted(child, mention);
        }
        Optional<Column> column = catalogue.comparableColumn(child, mention);
        boolean sum = function == Function.SUM || function == Function.AVG;
        if (column.isPresent() && !(sum ? isSummable(column.get()) : isOrdered(column.get()))) {
            problems.add(
                    mention.place(),
                    "column '" + mention.text() + "' of " + child.table() + " is "
                            + column.get().type() + "; " + function.lowerCase() + " takes "
                            + (sum ? "integers and numeric" : "numbers, dates, timestamps, text and varchar"));
            return Optional.empty();
        }
        return column;
    }

    /** Of some types a row does not tell NULL from a value: the json null is one. */
    private Optional<Column> counted(Relation child, Mention mention) {
        Optional<Column> column = catalogue.column(child, mention);
        if (column.isPresent() && !FilterColumns.tellsNull(column.get())) {
            problems.add(
                    mention.place(),
                    "column '" + mention.text() + "' of " + child.table() + " is "
                            + column.get().type()
                            + ", whose NULLs cannot be counted: a row does not tell them from every other value");
            return Optional.empty();
        }
        return column;
    }

    private static boolean isSummable(Column column) {
        return EXACT_NUMBERS.contains(column.baseType());
    }

    private static boolean isOrdered(Column column) {
        return Function.ORDERED.contains(ValueOrder.of(column));
    }

    /** Attributes are a list, labels of an enum are not. */
    private static boolean isComposite(Column column) {
        return column.detail().startsWith("[");
    }

    private void requireOrdered(Relation relation, Column column, Mention mention) {
        if (STRUCTURED.contains(column.baseType()) || column.type().endsWith("[]") || isComposite(column)) {
            problems.add(
                    mention.place(),
                    "column '" + column.name() + "' of " + relation.table() + " is " + column.type()
                            + ", by which rows cannot be ordered");
        }
    }
}
