package io.tidemark.app.run;

import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes parts in the reverse order of their start, each whatever became of those before it. */
final class PartsClosed {

    private static final Logger LOG = LoggerFactory.getLogger(PartsClosed.class);

    private PartsClosed() {}

    static void all(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.warn("While closing: {}", e.getMessage());
            }
        }
    }
}
