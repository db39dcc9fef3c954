package io.tidemark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.run.FreshnessReport.Answer;
import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.Freshness;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How those who wait for tokens share what a store is asked. */
@Timeout(60)
class FreshnessPollTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private volatile Supplier<Optional<TidemarkRef>> store = Optional::empty;

    private final FreshnessPoll poll = new FreshnessPoll(new Place("orders", "cache"), () -> {
                opened.incrementAndGet();
                return () -> {
                    asked.incrementAndGet();
                    return store.get();
                };
            })
            .start();

    @AfterEach
    void close() {
        poll.close();
    }

    private static Optional<TidemarkRef> applied(long lsn) {
        return Optional.of(new TidemarkRef(lsn, new Lsn(lsn)));
    }

    private CompletableFuture<Answer> await(long token, Duration timeout) {
        return poll.await(new Lsn(token), timeout);
    }

    private static Freshness freshness(CompletableFuture<Answer> answer) throws Exception {
        return answer.get(LONG.toSeconds(), TimeUnit.SECONDS).freshness();
    }

    @Test
    void a_token_is_fresh_as_soon_as_the_store_is_at_it_and_not_before() throws Exception {
        store = () -> applied(9);
        CompletableFuture<Answer> answer = await(10, LONG);
        Awaitility.await().until(() -> asked.get() > 3);
        assertThat(answer).isNotDone();
        store = () -> applied(10);
        assertThat(freshness(answer)).isEqualTo(new Freshness.Fresh(applied(10).get()));
    }

    @Test
    void when_the_time_is_over_the_answer_is_how_far_the_store_is() throws Exception {
        store = () -> applied(9);
        assertThat(freshness(await(10, Duration.ofMillis(50)))).isEqualTo(new Freshness.Stale(new Lsn(10), applied(9)));
        assertThat(freshness(await(10, Duration.ZERO))).isEqualTo(new Freshness.Stale(new Lsn(10), applied(9)));
        assertThat(freshness(await(9, Duration.ZERO)))
                .isEqualTo(new Freshness.Fresh(applied(9).get()));
    }

    @Test
    void a_model_that_never_started_is_stale() throws Exception {
        assertThat(freshness(await(1, Duration.ZERO))).isEqualTo(new Freshness.Stale(new Lsn(1), Optional.empty()));
    }

    @Test
    void many_who_wait_share_what_is_asked() throws Exception {
        List<CompletableFuture<Answer>> answers =
                IntStream.range(0, 1000).mapToObj(i -> await(1 + i % 10, LONG)).toList();
        store = () -> applied(10);
        for (CompletableFuture<Answer> answer : answers) {
            assertThat(freshness(answer)).isInstanceOf(Freshness.Fresh.class);
        }
        assertThat(asked.get()).isLessThan(200);
        assertThat(opened.get()).isEqualTo(1);
    }

    @Test
    void nobody_is_told_what_the_store_said_before_they_came() throws Exception {
        CompletableFuture<Void> firstIsAsked = new CompletableFuture<>();
        CompletableFuture<Void> secondHasCome = new CompletableFuture<>();
        store = () -> {
            boolean first = firstIsAsked.complete(null);
            secondHasCome.join();
            // From the second question on the store is empty, as after a flush.
            return first ? applied(10) : Optional.empty();
        };
        CompletableFuture<Answer> first = await(10, LONG);
        firstIsAsked.join();
        CompletableFuture<Answer> second = await(10, Duration.ofMillis(100));
        secondHasCome.complete(null);
        assertThat(freshness(first)).isInstanceOf(Freshness.Fresh.class);
        assertThat(freshness(second)).isEqualTo(new Freshness.Stale(new Lsn(10), Optional.empty()));
    }

    @Test
    void while_nobody_waits_the_store_is_not_asked() throws Exception {
        store = () -> applied(10);
        assertThat(freshness(await(10, LONG))).isInstanceOf(Freshness.Fresh.class);
        int before = asked.get();
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        assertThat(asked.get()).isEqualTo(before);
    }

    @Test
    void a_store_that_fails_is_asked_again_by_a_new_reader_and_whoever_waits_long_enough_gets_an_answer()
            throws Exception {
        store = () -> {
            throw new TidemarkException(ErrorCode.UNREACHABLE, "Redis is away");
        };
        Answer late = await(10, Duration.ofMillis(1)).get(LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(late.freshness()).isEqualTo(new Freshness.Stale(new Lsn(10), Optional.empty()));
        assertThat(late.problem()).contains("Redis is away");
        CompletableFuture<Answer> patient = await(10, LONG);
        store = () -> applied(10);
        assertThat(freshness(patient)).isInstanceOf(Freshness.Fresh.class);
        assertThat(patient.join().problem()).isEmpty();
        assertThat(opened.get()).isGreaterThan(1);
    }

    @Test
    void a_store_that_says_nothing_at_all_holds_nobody_up_beyond_their_time() throws Exception {
        CompletableFuture<Optional<TidemarkRef>> never = new CompletableFuture<>();
        store = never::join;
        Answer answer = await(10, Duration.ofMillis(1)).get(LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(answer.freshness()).isEqualTo(new Freshness.Stale(new Lsn(10), Optional.empty()));
        assertThat(answer.problem()).contains("the store does not answer");
        never.complete(Optional.empty());
    }
}
