package io.tidemark.capture.internal.wal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;

/** The text form of hstore, {@code "a"=>"1", "b"=>NULL}, as the JSON object that its cast to json makes of it. */
final class HstoreText {

    private static final String NULL = "NULL";

    private final String text;
    private int at;

    private HstoreText(String text) {
        this.text = text;
    }

    static ObjectNode parse(String text) {
        return new HstoreText(text).object();
    }

    private ObjectNode object() {
        ObjectNode object = Json.object();
        while (at < text.length()) {
            if (at > 0) {
                expect(", ");
            }
            String key = quoted();
            expect("=>");
            if (text.startsWith(NULL, at)) {
                object.putNull(key);
                at += NULL.length();
            } else {
                object.put(key, quoted());
            }
        }
        return object;
    }

    private String quoted() {
        expect("\"");
        StringBuilder value = new StringBuilder();
        while (text.charAt(at) != '"') {
            if (text.charAt(at) == '\\') {
                at++;
            }
            value.append(text.charAt(at++));
        }
        at++;
        return value.toString();
    }

    private void expect(String expected) {
        if (!text.startsWith(expected, at)) {
            throw new IllegalArgumentException("hstore text has no '" + expected + "' at character " + at);
        }
        at += expected.length();
    }
}
