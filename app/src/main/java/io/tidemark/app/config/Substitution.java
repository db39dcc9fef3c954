package io.tidemark.app.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Puts environment variables and files in the place of {@code ${NAME}} and {@code ${file:path}}. */
final class Substitution {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\$\\{|\\$\\{([^}]*)}?");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final String FILE = "file:";

    /** What is wrong with a reference; its text never holds a substituted value. */
    static final class UnresolvedException extends Exception {
        private final String problem;

        UnresolvedException(String problem) {
            super(problem);
            this.problem = problem;
        }

        String problem() {
            return problem;
        }
    }

    private final Function<String, @Nullable String> environment;
    private final Path directory;

    /**
     * @param environment gives a variable's value, or null when it is not set
     * @param directory that relative paths of {@code ${file:path}} start from: the configuration file's own
     */
    Substitution(Function<String, @Nullable String> environment, Path directory) {
        this.environment = environment;
        this.directory = directory;
    }

    /** The text with every reference replaced; a doubled dollar sign before the brace makes it literal. */
    String apply(String text) throws UnresolvedException {
        StringBuilder result = new StringBuilder();
        Matcher matcher = REFERENCE.matcher(text);
        int copied = 0;
        while (matcher.find()) {
            result.append(text, copied, matcher.start());
            String reference = matcher.group(1);
            result.append(reference == null ? "${" : value(matcher.group(), reference));
            copied = matcher.end();
        }
        return result.append(text, copied, text.length()).toString();
    }

    private String value(String whole, String reference) throws UnresolvedException {
        if (!whole.endsWith("}")) {
            throw new UnresolvedException("'" + whole + "' lacks its closing brace; write $${ for a literal ${");
        }
        if (reference.startsWith(FILE)) {
            return content(reference.substring(FILE.length()));
        }
        if (!VARIABLE.matcher(reference).matches()) {
            throw new UnresolvedException(
                    "'" + whole + "' is neither ${NAME} nor ${file:path}; write $${ for a literal ${");
        }
        String value = environment.apply(reference);
        if (value == null) {
            throw new UnresolvedException("environment variable '" + reference + "' is not set");
        }
        return value;
    }

    private String content(String path) throws UnresolvedException {
        try {
            return Files.readString(directory.resolve(path)).stripTrailing();
        } catch (IOException e) {
            throw new UnresolvedException(
                    "file '" + path + "' cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }
}
