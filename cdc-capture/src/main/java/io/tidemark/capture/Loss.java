package io.tidemark.capture;

/**
 * Why a capture cannot go on from where its topics are.
 *
 * @param what happened, in a sentence
 */
public record Loss(Kind kind, String what) {

    /** What happened. */
    public enum Kind {
        /** The source is another cluster: nothing of it can be held against what was captured. */
        OTHER_CLUSTER,
        /** The same cluster on another timeline: a standby was promoted, or a backup was restored. */
        OTHER_TIMELINE,
        /** The same cluster and timeline as it was before: its WAL ends before what was captured. */
        FORMER_STATE,
        /** The replication slot is not there. */
        SLOT_GONE,
        /** The server removed WAL that the slot still needed. */
        WAL_REMOVED,
        /** The slot is past the newest tidemark. */
        SLOT_MOVED,
        /** For a while the publication did not send every table. */
        PUBLICATION_CHANGED,
        /** The owner of the data says so. */
        SAID_SO
    }

    /** Whether the source may never have had some of what was captured. */
    public boolean mayLackWhatWasCaptured() {
        return kind == Kind.OTHER_TIMELINE || kind == Kind.FORMER_STATE;
    }

    /** Whether {@code tidemark recover} can mend it. */
    public boolean canBeMended() {
        return kind != Kind.OTHER_CLUSTER;
    }
}
