package io.tidemark.app.http;

import io.tidemark.app.run.FreshnessReport;
import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.Freshness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a store for the applied tidemark of one read model, in one thread, once for all who wait. Nobody is told what was
 * asked before they came: the store may have been emptied since. While nobody waits nothing is asked.
 */
final class FreshnessPoll implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FreshnessPoll.class);
    private static final long FIRST_PAUSE_MS = 1;
    private static final long LONGEST_PAUSE_MS = 20;
    private static final long PAUSE_AFTER_FAILURE_MS = 250;

    /** Who does not want to wait still waits for the store's answer, this long. */
    private static final Duration ONE_ANSWER = Duration.ofSeconds(2);

    private static final Duration CLOSE_READER_AFTER = Duration.ofSeconds(30);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final Place place;
    private final Supplier<Asked> readers;
    private final BlockingQueue<Waiter> arriving = new LinkedBlockingQueue<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /** What was said last, for those whose time is over. */
    private volatile Optional<TidemarkRef> newest = Optional.empty();

    private volatile Optional<String> problem = Optional.empty();

    private @Nullable Asked reader;

    /** Says how far a read model is. */
    @FunctionalInterface
    interface Asked extends AutoCloseable {

        Optional<TidemarkRef> appliedTidemark();

        @Override
        default void close() {}
    }

    private record Waiter(Lsn token, long untilNanos, CompletableFuture<Freshness> answer) {

        /** Answers if the token is reached or the time is over; says whether it has an answer, this one or another. */
        boolean answered(Optional<TidemarkRef> applied) {
            Freshness now = Freshness.of(token, applied);
            if (now instanceof Freshness.Fresh || System.nanoTime() - untilNanos >= 0) {
                answer.complete(now);
            }
            return answer.isDone();
        }
    }

    /**
     * Prepares it.
     *
     * @param readers gives a reader, asked for again after one failed
     */
    FreshnessPoll(Place place, Supplier<Asked> readers) {
        this.place = place;
        this.readers = readers;
        this.thread = new Thread(this::run, "tidemark-wait-" + place.model() + "-" + place.store());
        thread.setDaemon(true);
    }

    FreshnessPoll start() {
        thread.start();
        return this;
    }

    Place place() {
        return place;
    }

    /**
     * Waits for a token without a thread.
     *
     * @param timeout zero to ask once
     * @return the answer when it is fresh or the time is over, also when the store says nothing
     */
    CompletableFuture<FreshnessReport.Answer> await(Lsn token, Duration timeout) {
        Waiter waiter = new Waiter(token, System.nanoTime() + timeout.toNanos(), new CompletableFuture<>());
        Duration patience = timeout.compareTo(ONE_ANSWER) < 0 ? ONE_ANSWER : timeout;
        CompletableFuture<FreshnessReport.Answer> answer = waiter.answer()
                .orTimeout(patience.toNanos(), TimeUnit.NANOSECONDS)
                .thenApply(freshness -> FreshnessReport.Answer.of(place, freshness))
                .exceptionally(late -> unanswered(token));
        arriving.add(waiter);
        return answer;
    }

    private FreshnessReport.Answer unanswered(Lsn token) {
        Optional<String> why = Optional.of(problem.orElse("the store does not answer"));
        return new FreshnessReport.Answer(place, new Freshness.Stale(token, newest), why);
    }

    private void run() {
        List<Waiter> waiting = new ArrayList<>();
        long pauseMs = FIRST_PAUSE_MS;
        try {
            while (closing.getCount() > 0) {
                boolean more = waiting.isEmpty() ? takeFirst(waiting) : arriving.drainTo(waiting) > 0;
                if (waiting.isEmpty()) {
                    continue;
                }
                pauseMs = more ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
                if (ask()) {
                    waiting.removeIf(waiter -> waiter.answered(newest));
                } else {
                    waiting.removeIf(waiter -> waiter.answer().isDone());
                    pauseMs = PAUSE_AFTER_FAILURE_MS;
                }
                if (!waiting.isEmpty() && closing.await(pauseMs, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeReader();
        }
    }

    /** Waits for somebody to come; false, with the store left alone, when nobody does for a while. */
    private boolean takeFirst(List<Waiter> waiting) throws InterruptedException {
        Waiter first = arriving.poll(CLOSE_READER_AFTER.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) {
            closeReader();
            return false;
        }
        waiting.add(first);
        arriving.drainTo(waiting);
        return true;
    }

    /** Whether the store said how far it is. */
    private boolean ask() {
        try {
            Asked open = reader;
            if (open == null) {
                open = readers.get();
                reader = open;
            }
            newest = open.appliedTidemark();
            problem = Optional.empty();
            return true;
        } catch (RuntimeException e) {
            LOG.debug("{} does not say how far it is", place, e);
            problem = Optional.of(String.valueOf(e.getMessage()));
            closeReader();
            return false;
        }
    }

    private void closeReader() {
        Asked open = reader;
        reader = null;
        if (open != null) {
            try {
                open.close();
            } catch (RuntimeException e) {
                LOG.debug("Closing the reader of {}", place, e);
            }
        }
    }

    @Override
    public void close() {
        closing.countDown();
        thread.interrupt();
        try {
            thread.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
