package io.tidemark.app.run;

import io.tidemark.model.TidemarkException;
import org.slf4j.Logger;

/** How a failure that does not end the process is logged. */
final class LoggedFailure {

    private LoggedFailure() {}

    /** One of ours says what, where and what to do; of any other, where it came from is all there is to go by. */
    static void warn(Logger log, String what, Throwable failure) {
        if (failure instanceof TidemarkException) {
            log.warn("{}: {}", what, failure.getMessage());
        } else {
            log.warn(what, failure);
        }
    }
}
