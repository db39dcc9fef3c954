package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.definition.Children;
import io.tidemark.projections.DocumentLimit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/** What a step sends on when a row's object may have changed; differs by the node's place in the tree. */
sealed interface StepOutput {

    /** Kept of a key under which a document was sent. */
    byte[] SENT = {};

    /** Takes messages to forward. */
    @FunctionalInterface
    interface Sender {
        void send(byte[] key, Edge edge);
    }

    /** How far one row's object was sent to those it goes to, in order of their keys, and whether one more may have it now. */
    interface FanOut {

        boolean mayGoOn();

        /** Who was sent it last; null when nobody was. */
        byte @Nullable [] sentTo();

        void sentTo(byte[] receiver);
    }

    /** Input of the receiving step that this output is for. */
    String input();

    /** Whether rows are sent on at once below the floor, or only when it is reached. */
    boolean eager();

    /**
     * Sends a row's object, stamped with the version at which it became so.
     *
     * @param fanOut of outputs that send it to many
     * @return whether everyone was sent it
     */
    boolean emit(NodeState state, byte[] key, Version stamp, FanOut fanOut, Sender sender);

    /**
     * Looks at a row from above the floor. Older ones may be from before a column was there.
     *
     * @throws TidemarkException FAILED when nothing can be made of it
     */
    default void require(Edge.Row row) {}

    default Edge.Marker marker(TidemarkRef tidemark, TidemarkRef floor, int fromPartition) {
        return new Edge.Marker(input(), tidemark, floor, fromPartition);
    }

    /** Keys whose documents may be sent now although they were withheld, by a start with a lower limit. */
    default List<byte[]> freed(NodeState state) {
        return List.of();
    }

    /** What leaves the assembler under a key: a document, that it is withheld, or that there is none any more. */
    private static void finish(
            NodeState state, byte[] key, byte @Nullable [] document, DocumentLimit limit, Sender sender) {
        if (document != null) {
            long bytes = (long) key.length + document.length;
            boolean withheld = limit.excludes(bytes);
            sender.send(
                    key,
                    withheld
                            ? new Edge.Document(null, Bytes.wrap(limit.reason(bytes)))
                            : new Edge.Document(Bytes.wrap(document)));
            state.emitted(key, SENT);
            state.withheld(key, withheld ? bytes : 0);
        } else if (state.emitted(key) != null) {
            sender.send(key, new Edge.Document(null));
            state.emitted(key, null);
            state.withheld(key, 0);
        }
    }

    /** The root: finished documents. */
    record Root(DocumentLimit limit) implements StepOutput {

        @Override
        public List<byte[]> freed(NodeState state) {
            return state.withheldWithin(limit);
        }

        @Override
        public String input() {
            return Edge.OWN_ROW;
        }

        @Override
        public boolean eager() {
            return false;
        }

        @Override
        public boolean emit(NodeState state, byte[] key, Version stamp, FanOut fanOut, Sender sender) {
            byte[] document =
                    state.row(key).map(row -> state.document(key, row)).orElse(null);
            finish(state, key, document, limit, sender);
            return true;
        }
    }

    /**
     * The root, where something else than its primary key tells documents apart: a row's document goes to the key that
     * the row gives it, and leaves the key it had before.
     */
    record ByKey(Relation keyed) implements StepOutput {

        /** Its document would vanish. */
        @Override
        public void require(Edge.Row row) {
            Bytes after = row.after();
            if (after != null
                    && keyed.keyFrom(Json.parse(after.get()), keyed.primaryKey())
                            .isEmpty()) {
                throw new TidemarkException(
                        ErrorCode.FAILED,
                        "A row of " + keyed.table() + " has no value in " + String.join(", ", keyed.primaryKey())
                                + ", the 'key' of this read model's documents. Give the column its value and NOT NULL"
                                + " back, or choose another 'key'; then start again with a new name and new targets for"
                                + " the read model");
            }
        }

        @Override
        public String input() {
            return Edge.CLAIMS;
        }

        @Override
        public boolean eager() {
            return true;
        }

        @Override
        public boolean emit(NodeState state, byte[] key, Version stamp, FanOut fanOut, Sender sender) {
            Optional<JsonNode> row = state.row(key);
            byte[] now = row.flatMap(present -> keyed.keyFrom(present, keyed.primaryKey()))
                    .map(RowKey::encode)
                    .orElse(null);
            byte[] before = state.emitted(key);
            if (before != null && !Arrays.equals(before, now)) {
                sender.send(before, new Edge.Claim(stamp, Bytes.wrap(key), null));
                state.emitted(key, null);
            }
            if (now != null && row.isPresent() && state.complete(key, row.get())) {
                Bytes document = Bytes.wrap(state.document(key, row.get()));
                sender.send(now, new Edge.Claim(stamp, Bytes.wrap(key), document));
                state.emitted(key, now);
            }
            return true;
        }
    }

    /** The step behind that: under each key the finished document of the row that has it. */
    record Claimed(DocumentLimit limit) implements StepOutput {

        @Override
        public List<byte[]> freed(NodeState state) {
            return state.withheldWithin(limit);
        }

        @Override
        public String input() {
            return Edge.OWN_ROW;
        }

        @Override
        public boolean eager() {
            return false;
        }

        @Override
        public boolean emit(NodeState state, byte[] key, Version stamp, FanOut fanOut, Sender sender) {
            byte[] document = state.claimed(key);
            finish(state, key, document, limit, sender);
            if (document == null) {
                state.removeRow(key);
            }
            return true;
        }
    }

    /** A child: its object goes to its parent's row, and leaves the parent it had before. */
    record ChildOf(Children children, ChildValues told, Relation parent) implements StepOutput {

        private static final Bytes NO_VALUES = Bytes.wrap(new byte[] {'[', ']'});

        ChildOf(Children children, Relation parent) {
            this(children, new ChildValues(children), parent);
        }

        @Override
        public String input() {
            return children.name();
        }

        @Override
        public boolean eager() {
            return true;
        }

        @Override
        public boolean emit(NodeState state, byte[] key, Version stamp, FanOut fanOut, Sender sender) {
            Optional<JsonNode> row = state.row(key).filter(present -> !state.leadsNowhere(key, present));
            byte[] parentNow = row.flatMap(present -> parent.keyFrom(present, children.by()))
                    .map(RowKey::encode)
                    .orElse(null);
            byte[] parentBefore = state.emitted(key);
            if (parentBefore != null && !Arrays.equals(parentBefore, parentNow)) {
                sender.send(parentBefore, new Edge.Child(input(), stamp, Bytes.wrap(key), NO_VALUES, null));
                state.emitted(key, null);
            }
            if (parentNow != null && row.isPresent() && state.complete(key, row.get())) {
                Bytes values = Bytes.wrap(told.of(row.get()));
                Bytes document = Bytes.wrap(state.document(key, row.get()));
                sender.send(parentNow, new Edge.Child(input(), stamp, Bytes.wrap(key), values, document));
                state.emitted(key, parentNow);
            }
            return true;
        }
    }

    /** A referenced row: its object goes to every row that refers to it. */
    record ReferencedBy(String input) implements StepOutput {

        @Override
        public boolean eager() {
            return true;
        }

        @Override
        public boolean emit(NodeState state, byte[] key, Version stamp, FanOut fanOut, Sender sender) {
            Optional<Edge.Response> response = response(state, key, stamp);
            if (response.isEmpty()) {
                return true;
            }
            try (KeyValueIterator<byte[], byte[]> subscribers = state.subscribersAfter(key, fanOut.sentTo())) {
                while (subscribers.hasNext()) {
                    if (!fanOut.mayGoOn()) {
                        return false;
                    }
                    byte[] subscriber = state.subscriber(key, subscribers.next().key);
                    sender.send(subscriber, response.get());
                    fanOut.sentTo(subscriber);
                }
            }
            return true;
        }

        /** Sends a row's object to one row that refers to it, if it still does. */
        void answer(NodeState state, byte[] key, byte[] subscriber, Version stamp, Sender sender) {
            if (state.hasSubscriber(key, subscriber)) {
                response(state, key, stamp).ifPresent(response -> sender.send(subscriber, response));
            }
        }

        /** A row's object, or that there is no such row; empty while what the row itself refers to is not known. */
        private Optional<Edge.Response> response(NodeState state, byte[] key, Version stamp) {
            Optional<JsonNode> row = state.row(key);
            if (row.isPresent() && !state.complete(key, row.get())) {
                return Optional.empty();
            }
            @Nullable
            Bytes document =
                    row.map(present -> Bytes.wrap(state.document(key, present))).orElse(null);
            return Optional.of(new Edge.Response(input, stamp, Bytes.wrap(key), document, true));
        }

        /** Confirms that a subscription has ended. */
        void forget(byte[] key, byte[] subscriber, Version stamp, Sender sender) {
            sender.send(subscriber, new Edge.Response(input, stamp, Bytes.wrap(key), null, false));
        }
    }
}
