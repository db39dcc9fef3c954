package io.tidemark.app.embed;

import io.tidemark.app.config.Mention;
import io.tidemark.app.config.Place;
import io.tidemark.app.config.Written;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What one table contributes to a document. Nothing is checked here: the configuration's parser and the source's catalogue
 * have the say, as over the file.
 *
 * @param <T> the builder itself
 */
public abstract sealed class NodeBuilder<T extends NodeBuilder<T>> permits DocumentBuilder, RelatedBuilder {

    private final Place begun;
    private final List<Written.Entry> entries = new ArrayList<>();

    /** Keys whose values grow from call to call, with the place of the first. */
    private final Map<String, Mention> keys = new LinkedHashMap<>();

    private final Map<String, List<Written>> lists = new LinkedHashMap<>();
    private final Map<String, List<Written.Entry>> mappings = new LinkedHashMap<>();

    NodeBuilder(Place begun) {
        this.begun = begun;
    }

    abstract T self();

    /** Columns of the table that are members of the object, under their names; all of them when there are none. */
    public T fields(String... columns) {
        return addAll("fields", columns);
    }

    /** A column under another name. */
    public T field(String name, String column) {
        Place here = CallSite.place();
        return add("fields", new Written.Entries(List.of(entry(name, column, here)), here));
    }

    /** A member that is the same in every object. */
    public T constant(String name, String value) {
        return put("constants", name, new Written.Scalar(value, CallSite.place()));
    }

    /** A member that is the same in every object. */
    public T constant(String name, long value) {
        return put("constants", name, new Written.Scalar(value, CallSite.place()));
    }

    /** A member that is the same in every object; a number keeps its digits. */
    public T constant(String name, BigDecimal value) {
        return put("constants", name, new Written.Scalar(value, CallSite.place()));
    }

    /** A member that is the same in every object. */
    public T constant(String name, boolean value) {
        return put("constants", name, new Written.Scalar(value, CallSite.place()));
    }

    /** Which rows of the table there are at this place: a predicate of SQL over its columns. */
    public T where(String predicate) {
        return set("where", predicate);
    }

    /**
     * A row that this one refers to, as an object; null when there is none.
     *
     * @param table {@code schema.table}
     */
    public T one(String name, String table, Consumer<OneBuilder> content) {
        OneBuilder one = new OneBuilder(CallSite.place());
        one.set("table", table);
        content.accept(one);
        return put("one", name, one.written());
    }

    /**
     * The rows that refer to this one, as a list.
     *
     * @param table {@code schema.table}
     */
    public T many(String name, String table, Consumer<ManyBuilder> content) {
        ManyBuilder many = new ManyBuilder(CallSite.place());
        many.set("table", table);
        content.accept(many);
        return put("many", name, many.written());
    }

    /** A key with one value. Said twice it is there twice, which the parser refuses. */
    final T set(String key, Object value) {
        Place here = CallSite.place();
        entries.add(new Written.Entry(new Mention(key, here), new Written.Scalar(value, here)));
        return self();
    }

    final T addAll(String key, String... values) {
        Place here = CallSite.place();
        keys.putIfAbsent(key, new Mention(key, here));
        lists.computeIfAbsent(key, added -> new ArrayList<>());
        for (String value : values) {
            add(key, new Written.Scalar(value, here));
        }
        return self();
    }

    /** One more of a list. */
    final T add(String key, Written value) {
        keys.putIfAbsent(key, new Mention(key, value.place()));
        lists.computeIfAbsent(key, added -> new ArrayList<>()).add(value);
        return self();
    }

    /** One more entry of a mapping. */
    final T put(String key, String name, Written value) {
        keys.putIfAbsent(key, new Mention(key, value.place()));
        mappings.computeIfAbsent(key, added -> new ArrayList<>())
                .add(new Written.Entry(new Mention(name, value.place()), value));
        return self();
    }

    static Written.Entry entry(String key, Object value, Place place) {
        return new Written.Entry(new Mention(key, place), new Written.Scalar(value, place));
    }

    final Written.Entries written() {
        List<Written.Entry> all = new ArrayList<>(entries);
        keys.forEach((key, mention) -> {
            List<Written> items = lists.get(key);
            Written value = items == null
                    ? new Written.Entries(mappings.getOrDefault(key, List.of()), mention.place())
                    : new Written.Items(items, mention.place());
            all.add(new Written.Entry(mention, value));
        });
        return new Written.Entries(all, begun);
    }
}
