package io.tidemark.benchmarks;

import io.tidemark.model.Json;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** Inside a process under measure that delivers into nothing: counts what comes, and tells the harness. One thread adds. */
final class Tally {

    private final RowDigest digest = new RowDigest();
    private final long expected;
    private final CountDownLatch complete = new CountDownLatch(1);
    private volatile long firstNanos;
    private volatile long lastNanos;

    Tally(long expected) {
        this.expected = expected;
    }

    /** A change came; it holds at most one row. */
    void add(byte[] change) {
        if (digest.rows() == 0) {
            firstNanos = System.nanoTime();
        }
        digest.add(change);
    }

    /** A batch ended. */
    void look() {
        if (digest.rows() >= expected && complete.getCount() > 0) {
            lastNanos = System.nanoTime();
            complete.countDown();
        }
    }

    /** When all rows came, prints what they were, and stays until the harness has looked at this process. */
    void report() throws IOException, InterruptedException {
        complete.await();
        print(digest.digest(), (lastNanos - firstNanos) / 1e9);
        awaitHarness();
    }

    static void print(Digest digest, double seconds) {
        System.out.println(Json.text(
                Json.object().put("seconds", seconds).put("rows", digest.rows()).put("checksum", digest.checksum())));
    }

    /** Until the harness closes this process's stdin. */
    static void awaitHarness() throws IOException {
        while (System.in.read() >= 0) {
            // nothing is ever sent
        }
    }
}
