package io.tidemark.localstack;

import org.jspecify.annotations.Nullable;

/** What went wrong with a local server: a reason, and a text that says which server, what happened and what to do. */
public class LocalStackException extends RuntimeException {

    /** Why, for callers that decide by it. */
    public enum Reason {
        /** The build has not put the servers where they are looked for. */
        SERVERS_MISSING,
        /** There is no binary of this server for this machine. */
        PLATFORM,
        /** Another process listens on the port. */
        PORT_TAKEN,
        /** The server's process ended while it started. */
        ENDED_EARLY,
        /** The server runs but did not answer in the time given. */
        NOT_READY,
        /** The server did not stop when asked, and was killed. */
        NOT_STOPPED,
        /** A directory cannot be used as it is. */
        DIRECTORY,
        /** The thread was interrupted; its interrupt is restored. */
        INTERRUPTED,
        /** Anything else, see the text and the cause. */
        FAILED
    }

    private final Reason reason;

    public LocalStackException(Reason reason, String message) {
        this(reason, message, null);
    }

    public LocalStackException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
