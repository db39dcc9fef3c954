package io.tidemark.app.config;

import io.tidemark.model.TableId;
import java.util.List;
import java.util.regex.Pattern;

/** Tables by name: {@code public.orders}, {@code public.*}, {@code public.order_*}; a star stands for any text. */
public record TablePattern(String schema, String table, Place place) {

    /** Whether a text is a pattern at all: two parts, the first dot separating them. */
    static boolean isValid(String text) {
        int dot = text.indexOf('.');
        return dot > 0 && dot < text.length() - 1;
    }

    static TablePattern of(Mention mention) {
        int dot = mention.text().indexOf('.');
        return new TablePattern(mention.text().substring(0, dot), mention.text().substring(dot + 1), mention.place());
    }

    public boolean matches(TableId id) {
        return matches(schema, id.schema()) && matches(table, id.name());
    }

    public static boolean anyMatches(List<TablePattern> patterns, TableId id) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(id));
    }

    boolean matchesSchema(String name) {
        return matches(schema, name);
    }

    private static boolean matches(String glob, String name) {
        StringBuilder regex = new StringBuilder();
        for (String part : glob.split("\\*", -1)) {
            regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(part));
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(name).matches();
    }

    /** The pattern as the file has it. */
    public String text() {
        return schema + "." + table;
    }

    @Override
    public String toString() {
        return text();
    }
}
