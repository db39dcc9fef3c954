package io.tidemark.testkit.conformance;

/** A way a store may differ from the others. One that is declared is checked to be so, like everything else. */
public enum Difference {
    /** The newest writer that was opened owns the generation: every older one gets FENCED and changes nothing. */
    ONE_WRITER,

    /** A batch with claims is written whole or not at all: beside a rejected document the others are retriable. */
    BATCH_IS_ONE_TRANSACTION,

    /** A server that was restarted does not know what was deleted before: an older write brings it back. */
    RESTART_FORGETS_DELETES
}
