package io.tidemark.app.embed;

import io.tidemark.app.config.Place;
import java.util.Optional;

/** Finds the line of a definition that calls it, so that what is wrong with it is said of that line. */
final class CallSite {

    private CallSite() {}

    /** The caller of the method of this package that asks. */
    static Place place() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.filter(frame -> !isBuilder(frame.getDeclaringClass()))
                        .findFirst())
                .map(CallSite::place)
                .orElse(new Place("Java", 1, 1));
    }

    private static boolean isBuilder(Class<?> type) {
        return type == CallSite.class || type == DocumentDefinition.class || NodeBuilder.class.isAssignableFrom(type);
    }

    /** Classes compiled without debug information know neither file nor line. */
    private static Place place(StackWalker.StackFrame frame) {
        String file = Optional.ofNullable(frame.getFileName()).orElse(frame.getClassName());
        return new Place(file, Math.max(1, frame.getLineNumber()), 1);
    }
}
