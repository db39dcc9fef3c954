package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import io.tidemark.model.definition.Children;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * The children that a node's rows were sent, and what the rows' objects have of them.
 *
 * <p>Where a row has many, and its object few of them or only their aggregates, what it has is kept up to date in
 * memory, so that a change of one child does not read all the others.
 */
final class ChildParts {

    /** With fewer children, reading them all is as good. */
    static final int MANY = 200;

    /** A list that may be longer is read as a whole each time, as it is printed as a whole. */
    static final int LONGEST_KEPT = 1_000;

    /** Of all summaries of one name: a child in memory takes some 400 bytes. */
    private static final int CHILDREN_KEPT = 10_000;

    /** The objects of the list, in order, and the aggregates, in the order of the definition. */
    record Content(List<byte[]> objects, List<JsonNode> aggregates) {}

    private final Region parts;
    private final Map<String, Kind> kinds;

    /** Children of one name; their order is that of the list. */
    private record Kind(Children children, ChildValues values, ChildOrder order, Map<Bytes, ChildSummary> summaries) {

        static Kind of(Children children) {
            return new Kind(children, new ChildValues(children), new ChildOrder(children), new LastUsed());
        }

        boolean isWhole() {
            return children.listed() && children.limit() > LONGEST_KEPT;
        }

        ChildSummary summary() {
            return new ChildSummary(children, values, children.listed() && !isWhole() ? children.limit() : 0);
        }
    }

    /** By the row that has the children; those used last, as many as there is room for. */
    private static final class LastUsed extends LinkedHashMap<Bytes, ChildSummary> {

        LastUsed() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Bytes, ChildSummary> eldest) {
            return size() > 1 && size() * eldest.getValue().mostKept() > CHILDREN_KEPT;
        }
    }

    /** A child as its parent keeps it, with what {@link ChildValues} say of it. */
    private record Child(JsonNode values, Bytes key, Bytes pair) {

        static Child of(byte[] key, byte[] pair) {
            return new Child(Json.parse(StateKeys.first(pair)), Bytes.wrap(key), Bytes.wrap(pair));
        }

        byte[] object() {
            return StateKeys.second(pair.get());
        }
    }

    /** @param parts where the children are, among other things */
    ChildParts(List<Children> children, Region parts) {
        this.parts = parts;
        this.kinds = children.stream().collect(Collectors.toMap(Children::name, Kind::of));
    }

    /** Takes what a parent was sent of a child. */
    void apply(byte[] parent, Edge.Child child) {
        byte[] key = child.child().get();
        byte[] part = StateKeys.part(parent, child.input(), key);
        Bytes document = child.document();
        byte[] pair = document == null ? null : StateKeys.pair(child.values().get(), document.get());
        Kind kind = Objects.requireNonNull(kinds.get(child.input()));
        ChildSummary summary = kind.summaries().get(Bytes.wrap(parent));
        if (summary != null) {
            update(summary, key, parts.get(part), pair);
        }
        parts.putOrDelete(part, pair);
    }

    private static void update(ChildSummary summary, byte[] key, byte @Nullable [] before, byte @Nullable [] now) {
        if (before != null) {
            Child child = Child.of(key, before);
            summary.remove(child.values(), child.key());
        }
        if (now != null) {
            Child child = Child.of(key, now);
            summary.add(child.values(), child.key());
        }
    }

    /** What a row's object has of the children of one name. */
    Content of(byte[] parent, Children children) {
        Kind kind = Objects.requireNonNull(kinds.get(children.name()));
        return kind.isWhole() ? whole(parent, kind) : some(parent, kind);
    }

    private Content whole(byte[] parent, Kind kind) {
        List<Child> all = new ArrayList<>();
        ChildSummary summary = kind.summary();
        forEach(parent, kind, child -> {
            all.add(child);
            summary.add(child.values(), child.key());
        });
        List<byte[]> objects = all.stream()
                .sorted(Comparator.comparing(Child::values, kind.order()))
                .limit(kind.children().limit())
                .map(Child::object)
                .toList();
        return new Content(objects, summary.aggregates());
    }

    private Content some(byte[] parent, Kind kind) {
        String name = kind.children().name();
        Map<Bytes, ChildSummary> summaries = kind.summaries();
        Bytes row = Bytes.wrap(parent);
        ChildSummary summary = summaries.get(row);
        if (summary == null || !summary.isKnown()) {
            ChildSummary read = kind.summary();
            int found = forEach(parent, kind, child -> read.add(child.values(), child.key()));
            if (found < MANY) {
                summaries.remove(row);
            } else {
                summaries.put(row, read);
            }
            summary = read;
        }
        List<byte[]> objects = summary.listed().stream()
                .map(key -> Objects.requireNonNull(parts.get(StateKeys.part(parent, name, key.get()))))
                .map(StateKeys::second)
                .toList();
        return new Content(objects, summary.aggregates());
    }

    /** Reads all children of one name, in the order of their keys; gives their number. */
    private int forEach(byte[] parent, Kind kind, Consumer<Child> each) {
        byte[] prefix = StateKeys.partPrefix(parent, kind.children().name());
        int count = 0;
        try (KeyValueIterator<byte[], byte[]> entries = parts.prefixed(prefix)) {
            while (entries.hasNext()) {
                KeyValue<byte[], byte[]> entry = entries.next();
                each.accept(Child.of(StateKeys.afterPrefix(entry.key, prefix), entry.value));
                count++;
            }
        }
        return count;
    }
}
