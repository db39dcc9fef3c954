package io.tidemark.app.config;

/** A filter that cannot be evaluated exactly as PostgreSQL would; the message says which part, and what to write. */
final class FilterRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    FilterRefusedException(String message) {
        super(message);
    }
}
