package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Every failure as one clear message on stderr and an exit code; with {@code --json} as an object on stdout too. */
final class Failures {

    private static final String JSON = "--json";
    private static final String PICOCLI_PREFIX = "Error: ";
    private static final int INTERNAL_ERROR = 1;

    private Failures() {}

    static int usage(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        String suggestions = failure instanceof UnmatchedArgumentException unmatched
                ? String.join(" or ", unmatched.getSuggestions())
                : "";
        String help = suggestions.isEmpty()
                ? "; see '" + command.getCommandSpec().qualifiedName() + " --help'"
                : "; did you mean " + suggestions + "?";
        report(command, List.of(arguments).contains(JSON), ErrorCode.USAGE.name(), text(failure) + help);
        return ErrorCode.USAGE.exitCode();
    }

    /** Picocli begins what it says of groups with a word that our prefix makes superfluous. */
    private static String text(ParameterException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.startsWith(PICOCLI_PREFIX) ? message.substring(PICOCLI_PREFIX.length()) : message;
    }

    static int execution(Exception failure, CommandLine command, ParseResult arguments) {
        boolean json = arguments.originalArgs().contains(JSON);
        if (failure instanceof Shutdown.Stopped) {
            return Shutdown.Stopped.EXIT_CODE;
        }
        if (failure instanceof TidemarkException known) {
            report(command, json, known.code().name(), String.valueOf(known.getMessage()));
            return known.code().exitCode();
        }
        String details = FailureReport.write(failure)
                .map(file -> "; details in " + file)
                .orElse("; its details could not be written to a file");
        report(command, json, "INTERNAL", "internal error: " + firstLine(failure) + details);
        return INTERNAL_ERROR;
    }

    private static void report(CommandLine command, boolean json, String code, String message) {
        command.getErr().println("tidemark: " + message);
        if (json) {
            ObjectNode object = Json.object();
            object.putObject("error").put("code", code).put("message", message);
            command.getOut().println(Json.text(object));
        }
    }

    private static String firstLine(Exception failure) {
        return failure.toString().lines().findFirst().orElse("");
    }
}
