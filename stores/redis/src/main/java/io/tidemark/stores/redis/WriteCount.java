package io.tidemark.stores.redis;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * A writer's count of its writes, of which the server keeps a copy. A server that says less than was confirmed has lost
 * writes it had acknowledged.
 */
final class WriteCount {

    /** How long the server keeps the copy of a writer that writes no more. */
    static final long KEPT_MS = Duration.ofDays(7).toMillis();

    private final String writer = UUID.randomUUID().toString();
    private long confirmed;
    private long sent;

    /** The name of the server's copy. */
    String writer() {
        return writer;
    }

    /** Begins anew; gives what the server is to keep. */
    String begin() {
        confirmed = 0;
        sent = 0;
        return "0";
    }

    /** For the next write: the least the server must know, what it is to keep then, and how long in ms. */
    List<String> next() {
        sent++;
        return List.of(Long.toString(confirmed), Long.toString(sent), Long.toString(KEPT_MS));
    }

    /** The server keeps what was sent last. */
    void confirmed() {
        confirmed = sent;
    }
}
