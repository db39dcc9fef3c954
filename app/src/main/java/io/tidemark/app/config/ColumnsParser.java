package io.tidemark.app.config;

import io.tidemark.model.ColumnRule;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parses {@code source.columns}: {@code schema.table.column}, and what becomes of its values. */
final class ColumnsParser {

    private static final String HASH = "hash";

    /** Whoever has hashes of telephone numbers tries all keys there are of fewer. */
    private static final int MIN_KEY_LENGTH = 16;

    private final Section columns;

    ColumnsParser(Section columns) {
        this.columns = columns;
    }

    List<ProtectedColumn> parse() {
        List<ProtectedColumn> parsed = new ArrayList<>();
        for (Mention name : columns.keys()) {
            Optional<ColumnRule> rule = rule(name.text());
            int afterSchema = name.text().indexOf('.');
            int beforeColumn = name.text().lastIndexOf('.');
            if (afterSchema < 1
                    || beforeColumn < afterSchema + 2
                    || beforeColumn == name.text().length() - 1) {
                columns.problem(name.place(), "'" + name.text() + "' is not of the form schema.table.column");
            } else if (rule.isPresent()) {
                TableId table = TableId.parse(name.text().substring(0, beforeColumn));
                parsed.add(new ProtectedColumn(name, table, name.text().substring(beforeColumn + 1), rule.get()));
            }
        }
        return parsed;
    }

    /** A wrong value is not shown: it may be a key in the wrong place. */
    private Optional<ColumnRule> rule(String name) {
        Optional<Section> mapping = columns.mapping(name);
        if (mapping.isPresent()) {
            return hash(mapping.get());
        }
        Mention value = columns.text(name);
        return switch (value.text()) {
            case "drop" -> Optional.of(new ColumnRule.Drop());
            case "mask" -> Optional.of(new ColumnRule.Mask());
            case "" -> Optional.empty();
            default -> {
                columns.problemWith(value, name, "expected drop, mask or {hash: KEY}");
                yield Optional.empty();
            }
        };
    }

    private static Optional<ColumnRule> hash(Section rule) {
        rule.allowOnly(List.of(HASH));
        rule.requirePresent(HASH);
        Optional<Secret> key = rule.secret(HASH);
        if (key.isPresent() && key.get().reveal().length() < MIN_KEY_LENGTH) {
            rule.problem(rule.place(), "the key of hash needs at least " + MIN_KEY_LENGTH + " characters");
        }
        return key.map(ColumnRule.Hash::new);
    }
}
