package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.Constant;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Field;
import io.tidemark.model.definition.Reference;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Prints a node's object: fields of its row, constants, then the references' and the children's objects as they were sent. */
final class DocumentJson {

    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    /** Length of an object without members, which are what stands between its braces. */
    private static final int EMPTY_OBJECT = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    private boolean first = true;

    private DocumentJson() {}

    /**
     * Prints one object.
     *
     * @param referenced the object of a reference; null when the row it refers to is missing or there is none
     */
    static byte[] print(
            DocumentNode node,
            JsonNode row,
            Function<Reference, byte @Nullable []> referenced,
            Function<Children, ChildParts.Content> children) {
        DocumentJson json = new DocumentJson();
        json.out.write('{');
        for (Field field : node.fields()) {
            json.member(field.name(), Json.bytes(ChildValues.valueOf(row, field.column())));
        }
        for (Constant constant : node.constants()) {
            json.member(constant.name(), Json.bytes(constant.value()));
        }
        for (Reference reference : node.references()) {
            json.reference(reference, referenced.apply(reference));
        }
        for (Children each : node.children()) {
            json.children(each, children.apply(each));
        }
        json.out.write('}');
        return json.out.toByteArray();
    }

    private void reference(Reference reference, byte @Nullable [] object) {
        if (!reference.lifted()) {
            member(reference.name(), object == null ? NULL : object);
        } else if (object != null && object.length > EMPTY_OBJECT) {
            comma();
            out.write(object, 1, object.length - EMPTY_OBJECT);
        }
    }

    private void children(Children children, ChildParts.Content content) {
        if (children.listed()) {
            member(children.name(), array(content.objects()));
        }
        for (int i = 0; i < children.aggregates().size(); i++) {
            Aggregate aggregate = children.aggregates().get(i);
            member(aggregate.name(), Json.bytes(content.aggregates().get(i)));
        }
    }

    private void member(String name, byte[] value) {
        comma();
        out.writeBytes(Json.bytes(com.fasterxml.jackson.databind.node.TextNode.valueOf(name)));
        out.write(':');
        out.writeBytes(value);
    }

    private void comma() {
        if (!first) {
            out.write(',');
        }
        first = false;
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
