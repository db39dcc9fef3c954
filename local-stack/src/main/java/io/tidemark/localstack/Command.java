package io.tidemark.localstack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Short commands that are waited for. */
final class Command {

    /** How a command ended, and all it printed. */
    record Result(int exitCode, String text) {}

    private Command() {}

    static Result run(List<String> command) {
        return run(new ProcessBuilder(command).directory(Path.of("/").toFile()));
    }

    static Result run(ProcessBuilder builder) {
        try {
            Process process = builder.redirectErrorStream(true).start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), text.strip());
        } catch (IOException e) {
            throw new LocalStackException(
                    LocalStackException.Reason.FAILED,
                    "Cannot run " + builder.command().get(0) + ": " + e,
                    e);
        } catch (InterruptedException e) {
            throw Patience.interrupted(e);
        }
    }

    /** What a command printed; throws when it failed. */
    static String output(String... command) {
        Result result = run(List.of(command));
        if (result.exitCode() != 0) {
            throw new LocalStackException(
                    LocalStackException.Reason.FAILED,
                    String.join(" ", command) + " failed with " + result.exitCode() + ": " + result.text());
        }
        return result.text();
    }
}
