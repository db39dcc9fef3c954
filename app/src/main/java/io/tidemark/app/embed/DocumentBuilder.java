package io.tidemark.app.embed;

import io.tidemark.app.config.Mention;
import io.tidemark.app.config.Place;
import io.tidemark.app.config.Written;
import io.tidemark.app.config.WrittenModel;
import io.tidemark.model.definition.StoredForm;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** The root of a document. */
public final class DocumentBuilder extends NodeBuilder<DocumentBuilder> {

    private static final String TO = "to";

    private final Mention name;
    private StoredForm form = StoredForm.AS_ASSEMBLED;

    DocumentBuilder(String name, String table, Place begun) {
        super(begun);
        this.name = new Mention(name, begun);
        set("document", table);
    }

    @Override
    DocumentBuilder self() {
        return this;
    }

    /** Columns of the root that tell documents apart; without, its primary key. */
    public DocumentBuilder key(String... columns) {
        return addAll("key", columns);
    }

    /**
     * A store it is written to.
     *
     * @param target an index alias, a key template such as {@code order:{id}}, or {@code schema.table}
     */
    public DocumentBuilder to(String store, String target) {
        return put(TO, store, new Written.Scalar(target, CallSite.place()));
    }

    /**
     * A store it is written to, with options as the file has them: {@code Map.of("key", "order:{id}", "ttl", "1h")}.
     *
     * @param target of texts, booleans, Integers, Longs, BigDecimals, Lists and Maps
     */
    public DocumentBuilder to(String store, Map<String, ?> target) {
        return put(TO, store, written(target, CallSite.place()));
    }

    /** How many documents each store may refuse, and that are parked, before a refusal stops the read model. */
    public DocumentBuilder maxParked(int documents) {
        return set("max-parked", documents);
    }

    /** How large a document may be, with its key; a larger one is parked until it is smaller. */
    public DocumentBuilder maxDocumentBytes(int bytes) {
        return set("max-document-bytes", bytes);
    }

    /**
     * What stores hold of a document. A document it throws on is parked, with what it says.
     *
     * @param version of the mapping: another version is another definition, with a name and targets of its own
     * @param mapping says the same of equal documents, and depends on nothing else
     */
    public DocumentBuilder storedAs(String version, StoredForm.Mapping mapping) {
        form = new StoredForm(version, mapping);
        return this;
    }

    WrittenModel model() {
        return new WrittenModel(name, written(), form);
    }

    private static Written written(Object value, Place place) {
        if (value instanceof Map<?, ?> map) {
            return new Written.Entries(
                    map.entrySet().stream()
                            .map(each -> new Written.Entry(
                                    new Mention(String.valueOf(each.getKey()), place), written(each.getValue(), place)))
                            .toList(),
                    place);
        }
        if (value instanceof List<?> list) {
            return new Written.Items(
                    list.stream().map(each -> written(each, place)).toList(), place);
        }
        if (value instanceof String
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof BigDecimal) {
            return new Written.Scalar(value, place);
        }
        throw new IllegalArgumentException(place + ": " + value.getClass().getName()
                + " is neither a text, a number, a boolean, a List nor a Map");
    }
}
