package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Reference;
import io.tidemark.projections.DocumentLimit;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The state of one node's rows: the rows themselves and what other nodes contributed to them. */
final class NodeState {

    private static final byte[] PRESENT = {1};
    private static final byte[] NOTHING = {};

    private final DocumentNode node;
    private final Region rows;
    private final Region parts;
    private final ChildParts children;
    private final Region subscribers;
    private final Region emitted;
    private final Region withheld;
    /** Keys of {@link #withheld} with the bytes of their documents: nearly always none, and looked at for each document. */
    private final Map<Bytes, Long> tooLarge = new HashMap<>();

    NodeState(DocumentNode node, KeyValueStore<Bytes, byte[]> store) {
        this.node = node;
        this.rows = new Region(store, 'r');
        this.parts = new Region(store, 'p');
        this.children = new ChildParts(node.children(), parts);
        this.subscribers = new Region(store, 's');
        this.emitted = new Region(store, 'e');
        this.withheld = new Region(store, 'w');
        try (KeyValueIterator<byte[], byte[]> entries = withheld.all()) {
            while (entries.hasNext()) {
                KeyValue<byte[], byte[]> entry = entries.next();
                tooLarge.put(Bytes.wrap(entry.key), ByteBuffer.wrap(entry.value).getLong());
            }
        }
    }

    /** Applies an input that is for one row to that row's state. */
    void apply(byte[] key, Edge.Held input) {
        if (input instanceof Edge.Row row) {
            rows.putOrDelete(key, row.after() == null ? null : row.after().get());
        } else if (input instanceof Edge.Response response) {
            byte[] part =
                    StateKeys.part(key, response.input(), response.referenced().get());
            Bytes document = response.document();
            byte[] value = document == null ? NOTHING : StateKeys.pair(PRESENT, document.get());
            parts.putOrDelete(part, response.active() ? value : null);
        } else if (input instanceof Edge.Child child) {
            children.apply(key, child);
        } else if (input instanceof Edge.Subscription subscription) {
            byte[] part = StateKeys.part(
                    key, Edge.SUBSCRIPTIONS, subscription.subscriber().get());
            subscribers.putOrDelete(part, subscription.active() ? NOTHING : null);
        } else if (input instanceof Edge.Claim claim) {
            claim(key, claim);
        } else {
            throw new IllegalArgumentException(input + " is not for one row");
        }
    }

    /** A key that was ever claimed has an entry among the rows, so that a scan of these finds it. */
    private void claim(byte[] key, Edge.Claim claim) {
        byte[] part = StateKeys.part(key, claim.input(), claim.row().get());
        Bytes document = claim.document();
        if (document == null) {
            parts.delete(part);
        } else {
            parts.put(part, StateKeys.pair(claim.version().encode(), document.get()));
            rows.put(key, NOTHING);
        }
    }

    /**
     * The document of the row that has a key; null when none has. Of several, which a source without the constraint that
     * is asked of it can have, that of the row that changed last.
     */
    byte @Nullable [] claimed(byte[] key) {
        byte[] newest = null;
        try (KeyValueIterator<byte[], byte[]> claims = parts.prefixed(StateKeys.partPrefix(key, Edge.CLAIMS))) {
            while (claims.hasNext()) {
                byte[] claim = claims.next().value;
                newest = newest == null || claimedAt(claim).compareTo(claimedAt(newest)) >= 0 ? claim : newest;
            }
        }
        return newest == null ? null : StateKeys.second(newest);
    }

    private static Version claimedAt(byte[] claim) {
        return Version.decode(StateKeys.first(claim));
    }

    /** The row is gone; what other nodes contributed to it stays. */
    void removeRow(byte[] key) {
        rows.delete(key);
    }

    Optional<JsonNode> row(byte[] key) {
        return Optional.ofNullable(rows.get(key)).map(Json::parse);
    }

    /** The node's rows after a key, in store order. */
    KeyValueIterator<byte[], byte[]> rowsAfter(byte @Nullable [] key) {
        return key == null ? rows.all() : rows.after(key);
    }

    /** Whether every reference of a row has been answered; children that are still to come cannot be known. */
    boolean complete(byte[] key, JsonNode row) {
        for (Reference reference : node.references()) {
            Optional<byte[]> part = referencePart(key, row, reference);
            if (part.isPresent() && parts.get(part.get()) == null) {
                return false;
            }
        }
        return true;
    }

    /** Whether a row is a link whose other end, which would stand in its place, is known to be missing. */
    boolean leadsNowhere(byte[] key, JsonNode row) {
        for (Reference reference : node.references()) {
            if (reference.lifted()) {
                Optional<byte[]> part = referencePart(key, row, reference);
                byte[] answer = part.isEmpty() ? NOTHING : parts.get(part.get());
                if (answer != null && answer.length == 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The node's object for a row. */
    byte[] document(byte[] key, JsonNode row) {
        return DocumentJson.print(
                node, row, reference -> referenced(key, row, reference), each -> children.of(key, each));
    }

    private byte @Nullable [] referenced(byte[] key, JsonNode row, Reference reference) {
        Optional<byte[]> part = referencePart(key, row, reference);
        if (part.isEmpty()) {
            return null;
        }
        byte[] value = parts.get(part.get());
        if (value == null) {
            throw new IllegalStateException("Reference '" + reference.name() + "' of " + node.table() + " "
                    + new String(key, java.nio.charset.StandardCharsets.UTF_8)
                    + " is unanswered at a tidemark all inputs have passed; this is a defect");
        }
        return value.length == 0 ? null : StateKeys.second(value);
    }

    private static Optional<byte[]> referencePart(byte[] key, JsonNode row, Reference reference) {
        return reference
                .node()
                .relation()
                .keyFrom(row, reference.by())
                .map(RowKey::encode)
                .map(referenced -> StateKeys.part(key, reference.name(), referenced));
    }

    /** The rows that refer to a row, behind one of them, in order of their keys; see {@link #subscriber}. */
    KeyValueIterator<byte[], byte[]> subscribersAfter(byte[] key, byte @Nullable [] subscriber) {
        byte[] prefix = StateKeys.partPrefix(key, Edge.SUBSCRIPTIONS);
        return subscriber == null
                ? subscribers.prefixed(prefix)
                : subscribers.prefixedAfter(prefix, StateKeys.part(key, Edge.SUBSCRIPTIONS, subscriber));
    }

    /** The key of a row that refers to a row, of an entry of {@link #subscribersAfter}. */
    byte[] subscriber(byte[] key, byte[] entry) {
        return StateKeys.afterPrefix(entry, StateKeys.partPrefix(key, Edge.SUBSCRIPTIONS));
    }

    boolean hasSubscriber(byte[] key, byte[] subscriber) {
        return subscribers.get(StateKeys.part(key, Edge.SUBSCRIPTIONS, subscriber)) != null;
    }

    /** What {@link #emitted(byte[], byte[])} kept for a key. */
    byte @Nullable [] emitted(byte[] key) {
        return emitted.get(key);
    }

    /** Keeps what was emitted for a key; null forgets. */
    void emitted(byte[] key, byte @Nullable [] what) {
        emitted.putOrDelete(key, what);
    }

    /** Keeps that the document of a key has so many bytes that it is not sent; 0 when it is, or when there is none. */
    void withheld(byte[] key, long bytes) {
        if (bytes > 0) {
            withheld.put(key, ByteBuffer.allocate(Long.BYTES).putLong(bytes).array());
            tooLarge.put(Bytes.wrap(key), bytes);
        } else if (tooLarge.remove(Bytes.wrap(key)) != null) {
            withheld.delete(key);
        }
    }

    /** Keys of documents that are withheld and would not be under a limit. */
    List<byte[]> withheldWithin(DocumentLimit limit) {
        return tooLarge.entrySet().stream()
                .filter(each -> !limit.excludes(each.getValue()))
                .map(each -> each.getKey().get())
                .toList();
    }
}
