package io.tidemark.app.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Field;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.definition.Reference;
import java.util.List;

/**
 * A definition as the file has it, with what the file leaves to the source's catalogue written out: columns, joins and
 * tables. So it means later what it meant when a generation was built by it, whatever the source has by then.
 */
final class PinnedDefinition {

    private static final String FIELDS = "fields";
    private static final String BY = "by";

    private PinnedDefinition() {}

    /**
     * Writes it out.
     *
     * @param written what the file says
     * @param model what became of it
     */
    static ObjectNode of(ObjectNode written, ReadModel model) {
        ObjectNode pinned = written.deepCopy();
        if (model instanceof MirrorModel mirror) {
            ArrayNode tables = pinned.putArray("mirror");
            mirror.tables().forEach(table -> tables.add(table.toString()));
        } else if (model instanceof DocumentModel document) {
            node(pinned, document.root(), true);
        }
        return pinned;
    }

    /** @param listed whether fields may be named */
    private static void node(ObjectNode written, DocumentNode node, boolean listed) {
        if (listed && !node.fields().isEmpty()) {
            ArrayNode fields = written.putArray(FIELDS);
            node.fields().forEach(field -> fields.add(field(field)));
        }
        for (Reference reference : node.references()) {
            if (entry(written, "one", reference.name()) instanceof ObjectNode one) {
                putAll(one, BY, reference.by());
                node(one, reference.node(), true);
            }
        }
        for (Children children : node.children()) {
            if (entry(written, "many", children.name()) instanceof ObjectNode many) {
                putAll(many, BY, children.by());
                node(many, children.node(), children.listed());
            }
        }
    }

    private static JsonNode entry(ObjectNode written, String kind, String name) {
        return written.path(kind).path(name);
    }

    private static JsonNode field(Field field) {
        return field.name().equals(field.column())
                ? Json.array().add(field.column()).get(0)
                : Json.object().put(field.name(), field.column());
    }

    private static void putAll(ObjectNode written, String key, List<String> values) {
        ArrayNode array = written.putArray(key);
        values.forEach(array::add);
    }
}
