package io.tidemark.app.run;

import io.tidemark.app.config.StoreConfig;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.capture.KafkaConnections;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Tries Kafka and every store at the same time, each for a bounded time. */
public final class SystemsCheck implements AutoCloseable {

    private static final int TIMEOUT_SECONDS = 20;

    private final ExecutorService threads = Executors.newCachedThreadPool(SystemsCheck::daemon);
    private final Future<String> kafka;
    private final Map<StoreConfig, Future<String>> stores = new LinkedHashMap<>();

    private SystemsCheck(TidemarkConfig config) {
        kafka = threads.submit(() -> KafkaConnections.check(config.kafka().revealClientProperties()));
        for (StoreConfig store : config.stores().values()) {
            stores.put(store, threads.submit((Callable<String>) () -> StoreAccess.check(store)));
        }
    }

    /** What the systems say of themselves: Kafka, and each store by its name. */
    public record Answers(String kafka, Map<String, String> stores) {}

    /** Begins to ask all of them. */
    public static SystemsCheck start(TidemarkConfig config) {
        return new SystemsCheck(config);
    }

    /**
     * Asks all of them.
     *
     * @throws TidemarkException with a line for each that does not answer
     */
    public static void require(TidemarkConfig config) throws InterruptedException {
        ProblemList problems = new ProblemList();
        try (SystemsCheck systems = start(config)) {
            systems.await(problems);
            problems.throwIfAny();
        }
    }

    /** Waits for the answers; every system without one adds to the problems. */
    public Answers await(ProblemList problems) throws InterruptedException {
        String kafkaAnswer = await("Kafka", kafka, problems);
        Map<String, String> answers = new LinkedHashMap<>();
        for (Map.Entry<StoreConfig, Future<String>> store : stores.entrySet()) {
            String name = store.getKey().name();
            answers.put(name, await("Store '" + name + "'", store.getValue(), problems));
        }
        return new Answers(kafkaAnswer, answers);
    }

    private static String await(String what, Future<String> answer, ProblemList problems) throws InterruptedException {
        try {
            return answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            problems.add(new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    what + " does not answer within " + TIMEOUT_SECONDS
                            + " s: check that its address is that of such a server",
                    e));
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TidemarkException known)) {
                throw new IllegalStateException(e.getCause());
            }
            problems.add(known);
        }
        return "";
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "tidemark-check");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
