package io.tidemark.app;

import io.tidemark.app.run.Slice;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands on a slice, in this JVM, and what the newest of them printed. */
final class Commands {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Path configFile;

    Commands(Slice slice) {
        this(slice.configFile());
    }

    Commands(Path configFile) {
        this.configFile = configFile;
    }

    /** Runs one with the slice's configuration and gives its exit code. */
    int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-c", configFile.toString()));
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), all.toArray(String[]::new));
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    /** Both, to explain a failure. */
    @Override
    public String toString() {
        return err + "\n" + out;
    }
}
