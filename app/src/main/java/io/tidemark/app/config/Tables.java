package io.tidemark.app.config;

import java.util.ArrayList;
import java.util.List;

/** Parses lists of table patterns. */
final class Tables {

    private Tables() {}

    static List<TablePattern> patterns(Section section, String key) {
        List<TablePattern> patterns = new ArrayList<>();
        for (Mention mention : section.texts(key)) {
            if (TablePattern.isValid(mention.text())) {
                patterns.add(TablePattern.of(mention));
            } else if (!mention.text().isEmpty()) {
                section.problemWith(
                        mention,
                        key,
                        "'" + mention.text() + "' is not of the form schema.table, such as public.orders or public.*");
            }
        }
        return patterns;
    }
}
