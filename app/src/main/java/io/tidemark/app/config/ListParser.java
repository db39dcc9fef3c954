package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.AggregateConfig;
import io.tidemark.app.config.ReadModelConfig.ListConfig;
import io.tidemark.app.config.ReadModelConfig.OrderConfig;
import io.tidemark.app.config.Section.Element;
import io.tidemark.model.definition.Children;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses how the list of a {@code many} is made, and what beside it or instead of it. */
final class ListParser {

    static final List<String> KEYS = List.of("order-by", "limit", "flatten", "list", "aggregates");

    /** What only a list has. */
    private static final List<String> OF_LISTS =
            List.of("fields", "constants", "one", "many", "order-by", "limit", "flatten");

    private static final String ORDER_BY = "order-by";
    private static final int MAX_LIMIT = 1_000_000;
    private static final Pattern DIRECTION = Pattern.compile("(asc|desc)?((?:^| )nulls (first|last))?");

    private ListParser() {}

    static ListConfig parse(Section many) {
        boolean listed = many.optionalBoolean("list").orElse(true);
        List<AggregateConfig> aggregates = AggregatesParser.parse(many);
        if (!listed) {
            many.keys().stream()
                    .filter(key -> OF_LISTS.contains(key.text()))
                    .forEach(key -> many.problem(key.place(), "'" + key.text() + "' is of no use with list: false"));
            if (!many.has("aggregates")) {
                many.problem(many.place(), "list: false leaves nothing without aggregates");
            }
        }
        int limit = many.optionalInt("limit", 1, MAX_LIMIT).orElse(Children.ALL);
        return new ListConfig(orderBy(many), limit, listed, aggregates);
    }

    /** The entry of {@code one} whose object takes the place of the list's own; empty for none. */
    static String flatten(Section many) {
        Optional<Mention> flatten = many.optionalText("flatten");
        List<String> references = many.section("one")
                .map(one -> one.keys().stream().map(Mention::text).toList())
                .orElse(List.of());
        flatten.filter(name -> !name.text().isEmpty() && !references.contains(name.text()))
                .ifPresent(name -> many.problemWith(
                        name,
                        "flatten",
                        "there is no '" + name.text() + "' in " + many.pathOf("one")
                                + Suggestion.of(name.text(), references)));
        return flatten.map(Mention::text).orElse("");
    }

    /** Columns, in ascending order or with their direction as {@code column: direction}. */
    private static List<OrderConfig> orderBy(Section many) {
        List<OrderConfig> order = new ArrayList<>();
        for (Element element : many.elements(ORDER_BY)) {
            element.mapping()
                    .ifPresentOrElse(
                            directed -> directed.keys().forEach(column -> order.add(directed(directed, column))),
                            () -> order.add(new OrderConfig(element.text(), false, false)));
        }
        Set<String> seen = new HashSet<>();
        for (OrderConfig column : order) {
            if (!seen.add(column.column().text())) {
                many.problemWith(
                        column.column(), ORDER_BY, "'" + column.column().text() + "' is listed twice");
            }
        }
        return order;
    }

    /** As in SQL: ascending by default, and nulls last, or first where it is descending. */
    private static OrderConfig directed(Section columns, Mention column) {
        Mention value = columns.text(column.text());
        Matcher direction = DIRECTION.matcher(value.text());
        if (!direction.matches() && !value.text().isEmpty()) {
            columns.problemWith(
                    value,
                    column.text(),
                    "expected asc or desc, then nulls first or nulls last, or one of both, found '" + value.text()
                            + "'");
            return new OrderConfig(column, false, false);
        }
        boolean descending = "desc".equals(direction.group(1));
        boolean nullsFirst =
                direction.group(3) == null ? descending : direction.group(3).equals("first");
        return new OrderConfig(column, descending, nullsFirst);
    }
}
