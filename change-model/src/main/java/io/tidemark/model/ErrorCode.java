package io.tidemark.model;

/** Why Tidemark refuses or stops, and the exit code the command gives for it. */
public enum ErrorCode {
    /** The command line is wrong. */
    USAGE(2),
    /** The configuration file is wrong, or names something that is not there. */
    CONFIGURATION(2),
    /** The source database is not fit for capture as it is set up. */
    SOURCE_UNFIT(2),
    /** A change or a type that cannot be captured faithfully. */
    NOT_CAPTURABLE(2),
    /** A system does not answer, or refuses the credentials. */
    UNREACHABLE(3),
    /** Going on would lose changes. */
    DATA_LOSS(4),
    /** Another instance took over. */
    FENCED(1),
    /** Something did not come in the time given. */
    TIMEOUT(1),
    /** A stage stopped for a reason it names. */
    FAILED(1);

    private final int exitCode;

    ErrorCode(int exitCode) {
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
