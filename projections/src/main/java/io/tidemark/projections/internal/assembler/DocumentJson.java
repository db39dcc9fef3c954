package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.tidemark.model.Json;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Reference;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Prints a node's object: fields of its row, then the references' and the children's objects as they were sent. */
final class DocumentJson {

    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    private boolean first = true;

    private DocumentJson() {}

    /**
     * Prints one object.
     *
     * @param referenced the object of a reference; null when the row it refers to is missing or there is none
     * @param children the objects of children, in order
     */
    static byte[] print(
            DocumentNode node,
            JsonNode row,
            Function<Reference, byte @Nullable []> referenced,
            Function<Children, List<byte[]>> children) {
        DocumentJson json = new DocumentJson();
        json.out.write('{');
        for (String field : node.fields()) {
            JsonNode value = row.get(field);
            json.member(field, Json.bytes(value == null ? NullNode.getInstance() : value));
        }
        for (Reference reference : node.references()) {
            byte[] object = referenced.apply(reference);
            json.member(reference.name(), object == null ? NULL : object);
        }
        for (Children each : node.children()) {
            json.member(each.name(), array(children.apply(each)));
        }
        json.out.write('}');
        return json.out.toByteArray();
    }

    /** What a child is ordered by: the columns asked for, then its key. */
    static byte[] sortKey(Children children, JsonNode row) {
        ArrayNode values = Json.array();
        for (String column : children.orderBy()) {
            values.add(valueOf(row, column));
        }
        for (String column : children.node().relation().primaryKey()) {
            values.add(valueOf(row, column));
        }
        return Json.bytes(values);
    }

    private static JsonNode valueOf(JsonNode row, String column) {
        JsonNode value = row.get(column);
        return value == null ? NullNode.getInstance() : value;
    }

    private void member(String name, byte[] value) {
        if (!first) {
            out.write(',');
        }
        first = false;
        out.writeBytes(Json.bytes(com.fasterxml.jackson.databind.node.TextNode.valueOf(name)));
        out.write(':');
        out.writeBytes(value);
    }

    private static byte[] array(List<byte[]> elements) {
        ByteArrayOutputStream array = new ByteArrayOutputStream();
        array.write('[');
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) {
                array.write(',');
            }
            array.writeBytes(elements.get(i));
        }
        array.write(']');
        return array.toByteArray();
    }
}
