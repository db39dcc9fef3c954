package io.tidemark.model;

import org.jspecify.annotations.Nullable;

/** Everything Tidemark throws: a code, and a text that says what happened, to what, and what to do. */
public class TidemarkException extends RuntimeException {

    private final ErrorCode code;

    public TidemarkException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public TidemarkException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }
}
