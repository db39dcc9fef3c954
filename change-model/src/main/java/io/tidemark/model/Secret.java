package io.tidemark.model;

/** A value that must not be printed. Its own text is {@code ***}; only {@link #reveal()} gives it. */
public final class Secret {

    private final String value;

    public Secret(String value) {
        this.value = value;
    }

    public String reveal() {
        return value;
    }

    @Override
    public String toString() {
        return "***";
    }
}
