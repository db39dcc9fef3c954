package io.tidemark.benchmarks;

import io.tidemark.model.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Inside a process under measure: time and CPU time from its first document to its last, told to the harness. */
final class Stopwatch {

    static final String SECONDS = "seconds";
    static final String CPU_SECONDS = "cpu_seconds";

    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile long startNanos;
    private volatile double startCpu;
    private volatile double seconds;
    private volatile double cpuSeconds;

    /** Starts at the first call. */
    void start() {
        if (startNanos == 0) {
            startCpu = cpu();
            startNanos = System.nanoTime();
        }
    }

    void stop() {
        seconds = (System.nanoTime() - startNanos) / 1e9;
        cpuSeconds = cpu() - startCpu;
        stopped.countDown();
    }

    /** Waits until it is stopped, says what it took, and stays until the harness has looked at this process. */
    void report() throws IOException, InterruptedException {
        stopped.await();
        System.out.println(Json.text(Json.object().put(SECONDS, seconds).put(CPU_SECONDS, cpuSeconds)));
        Tally.awaitHarness();
    }

    private static double cpu() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toMillis()
                / 1e3;
    }
}
