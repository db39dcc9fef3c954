package io.tidemark.app.config;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Collects what is wrong with a file, so that it is all reported at once. */
final class Problems {

    private record Problem(Place place, String text) {

        String line() {
            return place + ": " + text;
        }
    }

    private final List<Problem> problems = new ArrayList<>();

    void add(Place place, String text) {
        problems.add(new Problem(place, text));
    }

    boolean has(Place place) {
        return problems.stream().anyMatch(problem -> problem.place().equals(place));
    }

    boolean none() {
        return problems.isEmpty();
    }

    /** Throws CONFIGURATION with one line per problem, in the order of the file. */
    void throwIfAny() {
        if (problems.isEmpty()) {
            return;
        }
        String lines = problems.stream()
                .sorted(Comparator.comparing(Problem::place))
                .map(Problem::line)
                .distinct()
                .collect(Collectors.joining("\n"));
        throw new TidemarkException(ErrorCode.CONFIGURATION, lines);
    }
}
