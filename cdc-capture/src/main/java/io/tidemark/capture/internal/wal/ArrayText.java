package io.tidemark.capture.internal.wal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.tidemark.model.Json;
import java.util.function.Function;

/**
 * PostgreSQL's text form of arrays, {@code {1,NULL,"a b"}} with any dimensions, as JSON arrays.
 *
 * <p>The server quotes every element that holds a quote, a backslash, a brace, a delimiter or white space, or reads NULL.
 */
final class ArrayText {

    private final String text;
    private final char delimiter;
    private final Function<String, JsonNode> element;
    private int at;

    private ArrayText(String text, char delimiter, Function<String, JsonNode> element) {
        this.text = text;
        this.delimiter = delimiter;
        this.element = element;
    }

    /** Parses an array; explicit bounds ({@code [2:3]={…}}) leave no trace in JSON and are passed over. */
    static JsonNode parse(String text, char delimiter, Function<String, JsonNode> element) {
        ArrayText parser = new ArrayText(text, delimiter, element);
        parser.at = text.startsWith("[") ? text.indexOf('=') + 1 : 0;
        return parser.array();
    }

    private ArrayNode array() {
        ArrayNode array = Json.array();
        expect('{');
        if (text.charAt(at) == '}') {
            at++;
            return array;
        }
        while (true) {
            array.add(text.charAt(at) == '{' ? array() : item());
            if (text.charAt(at) == '}') {
                at++;
                return array;
            }
            expect(delimiter);
        }
    }

    private JsonNode item() {
        if (text.charAt(at) == '"') {
            return element.apply(quoted());
        }
        int start = at;
        while (text.charAt(at) != delimiter && text.charAt(at) != '}') {
            at++;
        }
        String bare = text.substring(start, at);
        return bare.equals("NULL") ? NullNode.getInstance() : element.apply(bare);
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        at++;
        while (text.charAt(at) != '"') {
            if (text.charAt(at) == '\\') {
                at++;
            }
            value.append(text.charAt(at++));
        }
        at++;
        return value.toString();
    }

    private void expect(char expected) {
        if (text.charAt(at) != expected) {
            throw new IllegalArgumentException("Array text has '" + text.charAt(at) + "' where '" + expected
                    + "' was expected, at character " + at);
        }
        at++;
    }
}
