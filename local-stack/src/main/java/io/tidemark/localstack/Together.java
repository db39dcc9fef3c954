package io.tidemark.localstack;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Does one thing to several at the same time and waits for all of them. */
final class Together {

    private Together() {}

    /** Throws the first failure, the others suppressed in it, when all have ended. */
    static <T> void run(List<T> targets, Consumer<T> verb) {
        ExecutorService threads = Executors.newFixedThreadPool(targets.size());
        try {
            List<Future<?>> running = new ArrayList<>();
            targets.forEach(target -> running.add(threads.submit(() -> verb.accept(target))));
            await(running);
        } finally {
            threads.shutdownNow(); // of use only when interrupted: stops what is still waiting
        }
    }

    private static void await(List<Future<?>> running) {
        RuntimeException failure = null;
        for (Future<?> one : running) {
            try {
                one.get();
            } catch (ExecutionException e) {
                failure = joined(failure, e);
            } catch (InterruptedException e) {
                throw Patience.interrupted(e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static RuntimeException joined(@Nullable RuntimeException first, ExecutionException next) {
        RuntimeException failure = next.getCause() instanceof RuntimeException known
                ? known
                : new LocalStackException(LocalStackException.Reason.FAILED, String.valueOf(next.getCause()), next);
        if (first == null) {
            return failure;
        }
        first.addSuppressed(failure);
        return first;
    }
}
