package io.tidemark.app;

import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that every command takes. */
final class CommonOptions {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "tidemark.yml",
            description = "Configuration file (default: ${DEFAULT-VALUE}).")
    private Path config = Path.of("tidemark.yml");

    @Mixin
    private final OutputOptions output = new OutputOptions();

    Path config() {
        return config;
    }

    boolean json() {
        return output.json();
    }
}
