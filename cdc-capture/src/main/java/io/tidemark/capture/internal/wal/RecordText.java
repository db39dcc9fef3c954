package io.tidemark.capture.internal.wal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.internal.wal.ValueType.Attribute;
import io.tidemark.model.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's text form of composite values, {@code (1,,"a ""b""")}, as JSON objects.
 *
 * <p>Source: PostgreSQL documentation, "Composite Type Input and Output Syntax". Nothing between commas is NULL, an empty
 * text is quoted; inside quotes a quote or a backslash is doubled, and after a backslash anything stands for itself.
 */
final class RecordText {

    private final String text;
    private int at;

    private RecordText(String text) {
        this.text = text;
    }

    static ObjectNode parse(String text, List<Attribute> attributes) {
        return new RecordText(text).object(attributes);
    }

    private ObjectNode object(List<Attribute> attributes) {
        ObjectNode object = Json.object();
        expect('(');
        for (int i = 0; i < attributes.size(); i++) {
            if (i > 0) {
                expect(',');
            }
            Attribute attribute = attributes.get(i);
            String value = value();
            object.set(attribute.name(), attribute.type().toJsonOrNull(value));
        }
        expect(')');
        if (at != text.length()) {
            throw otherShape();
        }
        return object;
    }

    private @Nullable String value() {
        int start = at;
        StringBuilder value = new StringBuilder();
        boolean quoted = false;
        while (quoted || !endsValue(charAt(at))) {
            char c = charAt(at++);
            if (c == '\\') {
                value.append(charAt(at++));
            } else if (c != '"') {
                value.append(c);
            } else if (quoted && charAt(at) == '"') {
                value.append(charAt(at++));
            } else {
                quoted = !quoted;
            }
        }
        return at == start ? null : value.toString();
    }

    private static boolean endsValue(char c) {
        return c == ',' || c == ')';
    }

    private char charAt(int index) {
        if (index >= text.length()) {
            throw otherShape();
        }
        return text.charAt(index);
    }

    private void expect(char expected) {
        if (charAt(at) != expected) {
            throw otherShape();
        }
        at++;
    }

    private static UnprintableValueException otherShape() {
        return new UnprintableValueException(
                "a composite value has other attributes than its type has now, so the type was altered while it was captured",
                "Capture under a new kafka.prefix and slot");
    }
}
