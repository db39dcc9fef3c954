package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.definition.Children;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** What a step sends on when a row's object may have changed; differs by the node's place in the tree. */
sealed interface StepOutput {

    /** Takes messages to forward. */
    @FunctionalInterface
    interface Sender {
        void send(byte[] key, Edge edge);
    }

    /** Input of the receiving step that this output is for. */
    String input();

    /** Whether rows are sent on at once below the floor, or only when it is reached. */
    boolean eager();

    /** Sends a row's object, stamped with the version at which it became so. */
    void emit(NodeState state, byte[] key, Version stamp, Sender sender);

    default Edge.Marker marker(TidemarkRef tidemark, TidemarkRef floor, int fromPartition) {
        return new Edge.Marker(input(), tidemark, floor, fromPartition);
    }

    /** The root: finished documents. */
    record Root() implements StepOutput {

        private static final byte[] SENT = {};

        @Override
        public String input() {
            return Edge.OWN_ROW;
        }

        @Override
        public boolean eager() {
            return false;
        }

        @Override
        public void emit(NodeState state, byte[] key, Version stamp, Sender sender) {
            Optional<JsonNode> row = state.row(key);
            if (row.isPresent()) {
                sender.send(key, new Edge.Document(Bytes.wrap(state.document(key, row.get()))));
                state.emitted(key, SENT);
            } else if (state.emitted(key) != null) {
                sender.send(key, new Edge.Document(null));
                state.emitted(key, null);
            }
        }
    }

    /** A child: its object goes to its parent's row, and leaves the parent it had before. */
    record ChildOf(Children children, ChildValues told, io.tidemark.model.Relation parent) implements StepOutput {

        private static final Bytes NO_VALUES = Bytes.wrap(new byte[] {'[', ']'});

        ChildOf(Children children, io.tidemark.model.Relation parent) {
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
        public void emit(NodeState state, byte[] key, Version stamp, Sender sender) {
            Optional<JsonNode> row = state.row(key).filter(present -> !state.leadsNowhere(key, present));
            byte[] parentNow = row.flatMap(present -> parent.keyFrom(present, children.by()))
                    .map(RowKey::encode)
                    .orElse(null);
            byte[] parentBefore = state.emitted(key);
            if (parentBefore != null && !java.util.Arrays.equals(parentBefore, parentNow)) {
                sender.send(parentBefore, new Edge.Child(input(), stamp, Bytes.wrap(key), NO_VALUES, null));
                state.emitted(key, null);
            }
            if (parentNow != null && row.isPresent() && state.complete(key, row.get())) {
                Bytes values = Bytes.wrap(told.of(row.get()));
                Bytes document = Bytes.wrap(state.document(key, row.get()));
                sender.send(parentNow, new Edge.Child(input(), stamp, Bytes.wrap(key), values, document));
                state.emitted(key, parentNow);
            }
        }
    }

    /** A referenced row: its object goes to every row that refers to it. */
    record ReferencedBy(String input) implements StepOutput {

        @Override
        public boolean eager() {
            return true;
        }

        @Override
        public void emit(NodeState state, byte[] key, Version stamp, Sender sender) {
            Optional<JsonNode> row = state.row(key);
            if (row.isPresent() && !state.complete(key, row.get())) {
                return;
            }
            @Nullable
            Bytes document =
                    row.map(present -> Bytes.wrap(state.document(key, present))).orElse(null);
            for (byte[] subscriber : state.subscribers(key)) {
                sender.send(subscriber, new Edge.Response(input, stamp, Bytes.wrap(key), document, true));
            }
        }

        /** Sends a row's object to one row that refers to it, if it still does. */
        void answer(NodeState state, byte[] key, byte[] subscriber, Version stamp, Sender sender) {
            Optional<JsonNode> row = state.row(key);
            boolean known = row.isEmpty() || state.complete(key, row.get());
            if (known && state.hasSubscriber(key, subscriber)) {
                @Nullable
                Bytes document = row.map(present -> Bytes.wrap(state.document(key, present)))
                        .orElse(null);
                sender.send(subscriber, new Edge.Response(input, stamp, Bytes.wrap(key), document, true));
            }
        }

        /** Confirms that a subscription has ended. */
        void forget(byte[] key, byte[] subscriber, Version stamp, Sender sender) {
            sender.send(subscriber, new Edge.Response(input, stamp, Bytes.wrap(key), null, false));
        }
    }
}
