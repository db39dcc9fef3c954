package io.tidemark.model.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The JSON object that a document is: its text as it came, or a tree. Each is made of the other when it is asked for,
 * so that a store that takes text is given text nobody parsed.
 *
 * <p>For one thread at a time. Neither text nor tree may be altered.
 */
public final class DocumentBody {

    private byte @Nullable [] text;
    private @Nullable ObjectNode tree;

    private DocumentBody(byte @Nullable [] text, @Nullable ObjectNode tree) {
        this.text = text;
        this.tree = tree;
    }

    public static DocumentBody of(ObjectNode tree) {
        return new DocumentBody(null, tree);
    }

    /**
     * A body as UTF-8 text. One that is in braces and in one line, as ours are, is taken as it is; any other is parsed.
     *
     * @throws IllegalArgumentException when it is no JSON object, if it was parsed
     */
    public static DocumentBody ofText(byte[] utf8) {
        boolean braces = utf8.length >= 2 && utf8[0] == '{' && utf8[utf8.length - 1] == '}';
        return braces && isOneLine(utf8) ? new DocumentBody(utf8, null) : of(Json.parseObject(utf8));
    }

    private static boolean isOneLine(byte[] text) {
        for (byte each : text) {
            if (each == '\n' || each == '\r') {
                return false;
            }
        }
        return true;
    }

    /**
     * As a tree.
     *
     * @throws IllegalArgumentException when the text is no JSON
     */
    public ObjectNode tree() {
        ObjectNode known = tree;
        if (known == null) {
            known = Json.parseObject(Objects.requireNonNull(text));
            tree = known;
        }
        return known;
    }

    /** As JSON text in UTF-8, in one line. */
    public byte[] text() {
        byte[] known = text;
        if (known == null) {
            known = Json.bytes(Objects.requireNonNull(tree));
            text = known;
        }
        return known;
    }

    /**
     * A body with other entries before those of this one.
     *
     * @param head a JSON object as compact text: one entry or more, none of which this has
     */
    public DocumentBody after(byte[] head) {
        byte[] own = text();
        byte[] both = Arrays.copyOf(head, head.length + own.length - 1);
        both[head.length - 1] = (byte) (isEmpty(own) ? ' ' : ',');
        System.arraycopy(own, 1, both, head.length, own.length - 1);
        return new DocumentBody(both, null);
    }

    private static boolean isEmpty(byte[] object) {
        for (int i = 1; i < object.length - 1; i++) {
            if (object[i] > ' ') {
                return false;
            }
        }
        return true;
    }

    /** Of equal trees. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DocumentBody body && tree().equals(body.tree());
    }

    @Override
    public int hashCode() {
        return tree().hashCode();
    }

    @Override
    public String toString() {
        return new String(text(), StandardCharsets.UTF_8);
    }
}
