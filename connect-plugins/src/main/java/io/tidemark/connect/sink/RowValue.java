package io.tidemark.connect.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.connect.ConnectJson;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/** What a value says of a row: Debezium's envelope, what its ExtractNewRecordState leaves of one, or the row itself. */
sealed interface RowValue {

    /** The row is this now. */
    record Row(ObjectNode row) implements RowValue {}

    /**
     * The row is no more.
     *
     * @param before as far as it is known; empty when it is not
     */
    record Gone(Optional<ObjectNode> before) implements RowValue {}

    /** Every row is gone. */
    record Truncated() implements RowValue {}

    String DELETED = "__deleted";
    Set<String> OPERATIONS = Set.of("r", "c", "u", "d", "t", "m");

    /**
     * Reads a value.
     *
     * @param value null for a tombstone
     * @throws DataException when it is an envelope of something that is no row
     * @throws org.apache.kafka.connect.errors.ConnectException when it is packed with its schema
     */
    static RowValue of(@Nullable ObjectNode value) {
        if (value == null) {
            return new Gone(Optional.empty());
        }
        return isEnvelope(value) ? ofEnvelope(value) : ofRow(value);
    }

    private static boolean isEnvelope(ObjectNode value) {
        return value.path("op").isTextual()
                && OPERATIONS.contains(value.path("op").textValue())
                && value.path("source").isObject();
    }

    private static RowValue ofEnvelope(ObjectNode envelope) {
        return switch (envelope.path("op").textValue()) {
            case "d" -> new Gone(object(envelope.get("before")));
            case "t" -> new Truncated();
            case "m" ->
                throw new DataException("It is a logical message, not a row: see the transform DecodeLogicalMessage");
            default ->
                new Row(object(envelope.get("after"))
                        .orElseThrow(() -> new DataException("The envelope has no 'after', which the row is")));
        };
    }

    private static RowValue ofRow(ObjectNode row) {
        ConnectJson.requireUnpacked("value.converter", row);
        JsonNode deleted = row.remove(DELETED);
        boolean gone = deleted != null && deleted.asText().equals("true");
        return gone ? new Gone(Optional.of(row)) : new Row(row);
    }

    private static Optional<ObjectNode> object(@Nullable JsonNode node) {
        return node instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
    }
}
