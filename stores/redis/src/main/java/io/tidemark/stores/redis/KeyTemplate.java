package io.tidemark.stores.redis;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The Redis key of a document: text with the key's columns in braces, such as <code>order:{id}</code>. A brace written
 * twice stands for itself.
 *
 * <p>Different keys have different Redis keys: between two columns there is text, and its characters, and {@code %},
 * are percent-encoded inside their values.
 */
final class KeyTemplate {

    /** A piece of the template: literal text, or the value of a column. */
    private record Part(String text, boolean column) {}

    private static final Pattern INTEGER = Pattern.compile("0|-?[1-9][0-9]*");

    private final List<Part> parts;
    private final String escaped;
    private final Pattern pattern;

    private KeyTemplate(List<Part> parts) {
        this.parts = parts;
        this.escaped = separators(parts);
        this.pattern =
                Pattern.compile(join(part -> part.column() ? "(.*)" : Pattern.quote(part.text())), Pattern.DOTALL);
    }

    /** @throws TidemarkException CONFIGURATION unless every key column is there, and nothing else */
    static KeyTemplate parse(String template, List<String> keyColumns) {
        List<Part> parts = split(template);
        List<String> columns =
                parts.stream().filter(Part::column).map(Part::text).toList();
        for (String column : columns) {
            if (!keyColumns.contains(column)) {
                throw wrong(template, "'{" + column + "}' is no column of the key " + keyColumns);
            }
        }
        for (String column : keyColumns) {
            if (columns.stream().filter(column::equals).count() != 1) {
                throw wrong(template, "it must contain '{" + column + "}' once, or different rows would share a key");
            }
        }
        for (int i = 1; i < parts.size(); i++) {
            if (parts.get(i - 1).column() && parts.get(i).column()) {
                throw wrong(template, "there must be text between two columns, or different rows could share a key");
            }
        }
        return new KeyTemplate(parts);
    }

    String keyOf(RowKey key) {
        return join(part -> part.column() ? escape(key.text(part.text())) : part.text());
    }

    /** Whether a Redis key is this row key's; a row key of other columns makes none. */
    boolean makes(String redisKey, RowKey key) {
        var values = key.values();
        return parts.stream().filter(Part::column).allMatch(part -> values.has(part.text()))
                && keyOf(key).equals(redisKey);
    }

    /** A glob that matches every key of this template, and some that are not. */
    String glob() {
        return join(part -> part.column() ? "*" : part.text().replaceAll("([*?\\[\\]\\\\^-])", "\\\\$1"));
    }

    /**
     * The row key behind a Redis key whose value does not say it. What looks like an integer is taken for one; nothing
     * better is known of a value somebody else wrote.
     */
    Optional<RowKey> guess(String redisKey) {
        Matcher matcher = pattern.matcher(redisKey);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var values = Json.object();
        int group = 1;
        for (Part part : parts) {
            if (part.column()) {
                String text = unescape(matcher.group(group++));
                if (INTEGER.matcher(text).matches()) {
                    values.set(part.text(), Json.parse(text));
                } else {
                    values.put(part.text(), text);
                }
            }
        }
        return Optional.of(new RowKey(Json.text(values)));
    }

    private String escape(String value) {
        if (escaped.isEmpty()) {
            return value;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            text.append(escaped.indexOf(c) < 0 ? String.valueOf(c) : "%" + String.format("%04X", (int) c));
        }
        return text.toString();
    }

    private String unescape(String text) {
        return escaped.isEmpty()
                ? text
                : Pattern.compile("%([0-9A-F]{4})")
                        .matcher(text)
                        .replaceAll(match ->
                                Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(match.group(1), 16))));
    }

    /** What must not occur inside values; nothing where there is but one. */
    private static String separators(List<Part> parts) {
        StringBuilder characters = new StringBuilder();
        for (int i = 1; i < parts.size() - 1; i++) {
            if (!parts.get(i).column()) {
                characters.append(parts.get(i).text());
            }
        }
        return parts.stream().filter(Part::column).count() < 2
                ? ""
                : characters.append('%').toString();
    }

    private String join(Function<Part, String> each) {
        return parts.stream().map(each).collect(Collectors.joining());
    }

    private static List<Part> split(String template) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int at = 0;
        while (at < template.length()) {
            char c = template.charAt(at);
            if ((c == '{' || c == '}') && at + 1 < template.length() && template.charAt(at + 1) == c) {
                literal.append(c);
                at += 2;
            } else if (c == '{') {
                int end = template.indexOf('}', at);
                if (end < 0) {
                    throw wrong(template, "a '{' is not closed");
                }
                addLiteral(parts, literal);
                parts.add(new Part(template.substring(at + 1, end), true));
                at = end + 1;
            } else if (c == '}') {
                throw wrong(template, "a '}' closes nothing; '}}' stands for the character");
            } else {
                literal.append(c);
                at++;
            }
        }
        addLiteral(parts, literal);
        return parts;
    }

    private static void addLiteral(List<Part> parts, StringBuilder literal) {
        if (!literal.isEmpty()) {
            parts.add(new Part(literal.toString(), false));
            literal.setLength(0);
        }
    }

    private static TidemarkException wrong(String template, String why) {
        return new TidemarkException(ErrorCode.CONFIGURATION, "The key template '" + template + "' is wrong: " + why);
    }
}
