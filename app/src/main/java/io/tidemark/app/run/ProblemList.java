package io.tidemark.app.run;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Collects what stands in the way, so that it is all said at once. */
public final class ProblemList {

    private final List<TidemarkException> problems = new ArrayList<>();

    public void add(TidemarkException problem) {
        problems.add(problem);
    }

    /**
     * Throws one error with a line per problem. Its code is that of the first problem that only a change can mend; if
     * there is none, of the first: a system that does not answer now may do so later.
     */
    public void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new TidemarkException(first().code(), text("\n"), first());
        }
    }

    /** Says each in a line of its own, and gives the exit code: 0 when there is none. */
    public int report(PrintWriter err) {
        if (problems.isEmpty()) {
            return 0;
        }
        err.println("tidemark: " + text("\ntidemark: "));
        return first().code().exitCode();
    }

    /** What each says, once. */
    public List<String> messages() {
        return problems.stream()
                .map(problem -> String.valueOf(problem.getMessage()))
                .distinct()
                .toList();
    }

    private String text(String between) {
        return String.join(between, messages());
    }

    private TidemarkException first() {
        return problems.stream()
                .filter(problem -> problem.code() != ErrorCode.UNREACHABLE)
                .findFirst()
                .orElse(problems.get(0));
    }
}
