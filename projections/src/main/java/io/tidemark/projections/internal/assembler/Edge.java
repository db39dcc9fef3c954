package io.tidemark.projections.internal.assembler;

import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A message between two steps of the assembler. The record key it travels under is the key of the row it is for.
 * Documents and rows are JSON bytes, keys are encoded {@link io.tidemark.model.RowKey}s.
 */
sealed interface Edge {

    /** Which input of the receiving step it is for: the name of a reference or of children, or one of the constants. */
    String input();

    /** The own row of a step. */
    String OWN_ROW = "";

    /** Subscriptions to a referenced row. */
    String SUBSCRIPTIONS = "?";

    /** Rows' claims to the keys of documents. */
    String CLAIMS = "=";

    /** An input that changes the receiver's state, at a version. */
    sealed interface Held extends Edge {

        Version version();
    }

    /** Something of the step's own table. */
    sealed interface Own extends Held {
        @Override
        default String input() {
            return OWN_ROW;
        }
    }

    /**
     * A row of the step's own table.
     *
     * @param after null when the row is gone
     * @param lacks columns that the definition needs and the row does not have, see {@link NeededColumns}
     */
    record Row(Version version, @Nullable Bytes after, List<String> lacks) implements Own {

        public Row {
            lacks = List.copyOf(lacks);
        }

        /** One that has every column it needs, or that is gone. */
        Row(Version version, @Nullable Bytes after) {
            this(version, after, List.of());
        }
    }

    /** Every row of the step's own table in this partition is gone. Each partition gets one. */
    record Truncate(Version version) implements Own {}

    /** The row under {@code subscriber} refers to the receiver, or does so no more. */
    record Subscription(Version version, Bytes subscriber, boolean active) implements Held {
        @Override
        public String input() {
            return SUBSCRIPTIONS;
        }
    }

    /**
     * The sub-document of a referenced row, for a row that refers to it.
     *
     * @param document null when there is no such row
     * @param active false to forget the reference: the subscription has ended
     */
    record Response(
            String input,
            Version version,
            Bytes referenced,
            @Nullable Bytes document,
            boolean active) implements Held {}

    /**
     * A child's sub-document, for its parent.
     *
     * @param values JSON array of what the parent is told beside it, see {@link ChildValues}
     * @param document null when the child is not there any more
     */
    record Child(
            String input,
            Version version,
            Bytes child,
            Bytes values,
            @Nullable Bytes document) implements Held {}

    /**
     * The finished document of a row, for the key that the row gives it; of several rows that have had a key, whoever has
     * it at a tidemark.
     *
     * @param row the root's own key
     * @param document null when the row has that key no more
     */
    record Claim(Version version, Bytes row, @Nullable Bytes document) implements Held {
        @Override
        public String input() {
            return CLAIMS;
        }
    }

    /**
     * The sender's partition has sent everything covered by a tidemark.
     *
     * @param floor the sender can vouch for no tidemark below this: what it sent while it filled stands for its state
     *     then. Whoever depends on it can claim none below either
     */
    record Marker(String input, TidemarkRef tidemark, TidemarkRef floor, int fromPartition) implements Edge {}

    /**
     * A finished document of the root. Leaves the assembler.
     *
     * @param body null when it is deleted, or withheld
     * @param withheld why it is not sent although there is one; null when it is sent
     */
    record Document(@Nullable Bytes body, @Nullable Bytes withheld) implements Edge {

        /** One that is sent, or deleted. */
        Document(@Nullable Bytes body) {
            this(body, null);
        }

        @Override
        public String input() {
            return OWN_ROW;
        }
    }
}
