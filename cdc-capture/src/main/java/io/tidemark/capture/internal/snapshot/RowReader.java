package io.tidemark.capture.internal.snapshot;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.wal.RowDepth;
import io.tidemark.model.Change;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Operation;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes changes of rows as {@code COPY (SELECT to_jsonb(…))} prints them. A row whose columns go to the topic as they are
 * is not built anew: its text is PostgreSQL's own, and only its key is read out of it.
 */
final class RowReader {

    private static final String AFTER = "\"after\":";

    private final CaptureSettings settings;
    private final Relation relation;
    private final boolean asItIs;
    private final byte[] head;
    private final byte[] tail;

    RowReader(CaptureSettings settings, Relation relation, Lsn lsn, long readAtMs) {
        this.settings = settings;
        this.relation = relation;
        this.asItIs = settings.columns().of(relation.table()).isEmpty();
        Change.Source source =
                new Change.Source(settings.topics().prefix(), settings.source().database(), true, 0, lsn, readAtMs);
        String envelope = Json.text(new Change(Operation.READ, relation.table(), null, null, source).toJson());
        int cut = envelope.indexOf(AFTER) + AFTER.length();
        head = envelope.substring(0, cut).getBytes(StandardCharsets.UTF_8);
        tail = envelope.substring(cut + "null".length()).getBytes(StandardCharsets.UTF_8);
    }

    Chunk.Row read(byte[] line) {
        byte[] row = unescape(line);
        if (!asItIs) {
            return rebuilt(row);
        }
        ObjectNode key = key(row);
        return key == null ? rebuilt(row) : new Chunk.Row(relation.keyOf(key), envelope(row));
    }

    private Chunk.Row rebuilt(byte[] row) {
        ObjectNode columns = RowDepth.parseRow(relation.table(), row);
        RowKey key = relation.keyOf(columns);
        settings.columns().applyTo(relation.table(), columns);
        return new Chunk.Row(key, envelope(Json.bytes(columns)));
    }

    /** The columns of the key; null when a value nests too deep, of which {@link #rebuilt} knows how to complain. */
    private @Nullable ObjectNode key(byte[] row) {
        ObjectNode key = Json.object();
        int missing = relation.primaryKey().size();
        try (JsonParser parser = Json.parser(row)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String column = parser.currentName();
                JsonToken value = parser.nextToken();
                if (missing > 0 && relation.primaryKey().contains(column)) {
                    key.set(column, Json.value(parser));
                    missing--;
                } else if (value.isStructStart() && !skips(parser)) {
                    return null;
                }
            }
            return key;
        } catch (IOException e) {
            throw new UncheckedIOException("A row of " + relation.table() + " is not the JSON the server prints", e);
        }
    }

    /** Skips the container that begins here; says whether it nests no deeper than readers take. */
    private static boolean skips(JsonParser parser) throws IOException {
        int depth = 1;
        while (depth > 0) {
            JsonToken token = parser.nextToken();
            if (token.isStructStart() && ++depth > RowDepth.MAX) {
                return false;
            }
            if (token.isStructEnd()) {
                depth--;
            }
        }
        return true;
    }

    private byte[] envelope(byte[] row) {
        byte[] envelope = Arrays.copyOf(head, head.length + row.length + tail.length);
        System.arraycopy(row, 0, envelope, head.length, row.length);
        System.arraycopy(tail, 0, envelope, head.length + row.length, tail.length);
        return envelope;
    }

    /** COPY's text format ends lines and doubles backslashes; JSON from jsonb holds nothing else that it would escape. */
    private static byte[] unescape(byte[] line) {
        int length = line.length;
        while (length > 0 && line[length - 1] == '\n') {
            length--;
        }
        byte[] plain = new byte[length];
        int end = 0;
        for (int i = 0; i < length; i++) {
            plain[end++] = line[i];
            if (line[i] == '\\') {
                i++;
            }
        }
        return end == length ? plain : Arrays.copyOf(plain, end);
    }
}
