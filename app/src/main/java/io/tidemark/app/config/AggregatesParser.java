package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.AggregateConfig;
import io.tidemark.model.definition.Aggregate.Function;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Parses {@code aggregates}: names with {@code count}, or with a function and its column, as in {@code {sum: price}}. */
final class AggregatesParser {

    private static final List<String> FUNCTIONS =
            Stream.of(Function.values()).map(Function::lowerCase).toList();

    private final Section aggregates;

    private AggregatesParser(Section aggregates) {
        this.aggregates = aggregates;
    }

    static List<AggregateConfig> parse(Section many) {
        return many.section("aggregates")
                .map(aggregates -> new AggregatesParser(aggregates).parse())
                .orElse(List.of());
    }

    private List<AggregateConfig> parse() {
        List<AggregateConfig> parsed = new ArrayList<>();
        aggregates.keys().forEach(name -> parse(name).ifPresent(parsed::add));
        return parsed;
    }

    private Optional<AggregateConfig> parse(Mention name) {
        Optional<Section> ofColumn = aggregates.mapping(name.text());
        if (ofColumn.isPresent()) {
            return ofColumn(name, ofColumn.get());
        }
        Mention count = aggregates.text(name.text());
        if (!count.text().equals(Function.COUNT.lowerCase()) && !count.text().isEmpty()) {
            aggregates.problemWith(
                    count, name.text(), "expected count or one such as {sum: price}, found '" + count.text() + "'");
        }
        return Optional.of(new AggregateConfig(name, Function.COUNT, null));
    }

    private static Optional<AggregateConfig> ofColumn(Mention name, Section aggregate) {
        aggregate.allowOnly(FUNCTIONS);
        List<Mention> known = aggregate.keys().stream()
                .filter(key -> FUNCTIONS.contains(key.text()))
                .toList();
        if (aggregate.keys().size() != 1) {
            aggregate.problem(aggregate.place(), "expected one function with its column, such as {sum: price}");
        }
        return known.stream()
                .findFirst()
                .map(function -> new AggregateConfig(
                        name,
                        Function.valueOf(function.text().toUpperCase(Locale.ROOT)),
                        aggregate.text(function.text())));
    }
}
