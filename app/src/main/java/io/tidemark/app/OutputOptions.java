package io.tidemark.app;

import picocli.CommandLine.Option;

/** How a command speaks. */
final class OutputOptions {

    @Option(names = "--json", description = "Print one JSON object on stdout, and nothing else.")
    private boolean json;

    /** Read by {@link Main#main} before the first logger is made. */
    @Option(
            names = {"-v", "--verbose"},
            description = "Say more on stderr.")
    private boolean verbose;

    boolean json() {
        return json;
    }

    boolean verbose() {
        return verbose;
    }
}
