package io.tidemark.reconciliation;

/** The answer of a reconciliation, and the command's exit code for it. */
public enum Verdict {
    /** Every document equals the source. */
    NO_DRIFT(0, "no drift"),
    /** At least one document certainly does not. */
    DRIFT(1, "drift"),
    /** No drift was found, but not everything could be compared. */
    COULD_NOT_TELL(2, "could not tell");

    private final int exitCode;
    private final String text;

    Verdict(int exitCode, String text) {
        this.exitCode = exitCode;
        this.text = text;
    }

    public int exitCode() {
        return exitCode;
    }

    /** For people. */
    public String text() {
        return text;
    }
}
