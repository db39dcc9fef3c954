package io.tidemark.app.monitor;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.AppliedTidemarks;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** A writer that counts what it is asked and what its store answers, and knows what it still owes. */
class WatchedWriter implements DocumentWriter {

    private final DocumentWriter writer;
    private final Map<Outcome, Counter> outcomes = new EnumMap<>(Outcome.class);
    private final DistributionSummary batches;
    private final Timer writes;
    private final Counter retries;
    private final LongAdder asked = new LongAdder();
    private final LongAdder settled = new LongAdder();
    private final AppliedTidemarks applied;
    private final AppliedTidemarks claimed;
    private volatile boolean owes;
    private volatile String problem = "";

    /** What came of a document, as the metric calls it. */
    private enum Outcome {
        APPLIED,
        STALE,
        CHANGED_ELSEWHERE,
        RETRIABLE,
        REJECTED;

        static Outcome of(WriteOutcome outcome) {
            if (outcome instanceof WriteOutcome.Applied) {
                return APPLIED;
            }
            if (outcome instanceof WriteOutcome.Stale) {
                return STALE;
            }
            if (outcome instanceof WriteOutcome.ChangedElsewhere) {
                return CHANGED_ELSEWHERE;
            }
            return outcome instanceof WriteOutcome.Retriable ? RETRIABLE : REJECTED;
        }

        String tag() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Wraps a writer.
     *
     * @param applied what it has applied, of the partitions it writes
     * @param tags of the read model and the store
     */
    WatchedWriter(DocumentWriter writer, AppliedTidemarks applied, MeterRegistry registry, Tags tags) {
        this.writer = writer;
        this.applied = applied;
        this.claimed = new AppliedTidemarks(applied.owned().size(), tidemark -> {});
        for (Outcome outcome : Outcome.values()) {
            Counter counter = Counter.builder("tidemark.writer.documents")
                    .description("Documents or rows the store was asked to write or delete, by what came of it")
                    .tags(tags.and("outcome", outcome.tag()))
                    .register(registry);
            outcomes.put(outcome, counter);
        }
        batches = DistributionSummary.builder("tidemark.writer.batch")
                .description("Documents or rows of a request")
                .baseUnit("documents")
                .tags(tags)
                .register(registry);
        writes = Timer.builder("tidemark.writer.write")
                .description("Time the store took for a request with documents or rows")
                .tags(tags)
                .register(registry);
        retries = Counter.builder("tidemark.writer.retries")
                .description("Requests that repeat what the store did not take before")
                .tags(tags)
                .register(registry);
    }

    @Override
    public void open() {
        orOwe(() -> {
            writer.open();
            return true;
        });
    }

    @Override
    public List<AppliedTidemark> claims() {
        return orOwe(writer::claims);
    }

    /** What is claimed of other partitions is said again with their next markers. */
    @Override
    public void forget(Set<Integer> partitions) {
        claimed.forget();
        orOwe(() -> {
            writer.forget(partitions);
            return true;
        });
    }

    private <T> T orOwe(Supplier<T> asked) {
        owes = true;
        try {
            T answer = asked.get();
            settle();
            return answer;
        } catch (TidemarkException e) {
            fail(e);
            throw e;
        }
    }

    @Override
    public void rejoin() {
        writer.rejoin();
    }

    @Override
    public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
        begin(claims);
        long began = System.nanoTime();
        try {
            List<WriteOutcome> answers = writer.write(batch, claims);
            answered(answers, System.nanoTime() - began);
            return answers;
        } catch (TidemarkException e) {
            fail(e);
            throw e;
        }
    }

    final void begin(List<AppliedTidemark> claims) {
        if (owes) {
            retries.increment();
        }
        owes = true;
        asked.increment();
        claimed.own(applied.owned());
        claims.forEach(claim -> claimed.applied(claim.partition(), claim.tidemark()));
    }

    /**
     * The store took some of what it is to take as one: nothing is settled.
     *
     * @param further than it ever came with them: it has not stopped
     */
    final void tookSome(int documents, boolean further) {
        batches.record(documents);
        if (further) {
            settled.increment();
        }
    }

    final void addToProblem(String what) {
        String known = problem;
        problem = known + what;
    }

    /** What became of documents that were written as one. */
    final void answeredAsOne(WriteOutcome answer, long documents, long nanos) {
        writes.record(nanos, TimeUnit.NANOSECONDS);
        Counter counter = outcomes.get(Outcome.of(answer));
        if (counter != null) {
            counter.increment((double) documents);
        }
        if (answer.settled()) {
            settle();
        } else {
            problem = answer instanceof WriteOutcome.Retriable retriable ? retriable.cause() : refuses(1);
        }
    }

    private void answered(List<WriteOutcome> answers, long nanos) {
        if (!answers.isEmpty()) {
            writes.record(nanos, TimeUnit.NANOSECONDS);
            batches.record(answers.size());
        }
        Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
        int settledNow = 0;
        String passing = "";
        for (WriteOutcome answer : answers) {
            counts.merge(Outcome.of(answer), 1, Integer::sum);
            if (answer.settled()) {
                settledNow++;
            } else if (answer instanceof WriteOutcome.Retriable retriable && passing.isEmpty()) {
                passing = retriable.cause();
            }
        }
        outcomes.forEach((outcome, counter) -> counter.increment(counts.getOrDefault(outcome, 0)));
        settled.add(settledNow);
        if (settledNow == answers.size()) {
            settle();
        } else {
            problem = passing.isEmpty() ? refuses(counts.getOrDefault(Outcome.REJECTED, 0)) : passing;
        }
    }

    /** Its words may quote the documents, and everybody may ask for the health. */
    private static String refuses(int documents) {
        return "the store, which refuses " + documents + " of what it was given; the log says why";
    }

    private void settle() {
        settled.increment();
        owes = false;
        problem = "";
    }

    /** Only what may be tried again is still owed; anything else gives the batch up, or ends the delivery. */
    final void fail(TidemarkException failure) {
        owes = failure.code() == ErrorCode.UNREACHABLE;
        if (failure.code() == ErrorCode.DATA_LOSS) {
            claimed.forget();
        }
        problem = String.valueOf(failure.getMessage());
    }

    /** Calls so far: somebody had something to write. */
    long asked() {
        return asked.sum();
    }

    /** Changes whenever the store took something. */
    long settled() {
        return settled.sum();
    }

    /** Whether something was to be written that is not, yet. */
    boolean owes() {
        return owes;
    }

    /** What it does not go on without, while it owes something. */
    String waitsFor() {
        String known = problem;
        return known.isEmpty() ? "the store's answer" : known;
    }

    /** The tidemark up to which everything was given to it: the minimum over the partitions. */
    Optional<TidemarkRef> claimed() {
        claimed.own(applied.owned());
        return claimed.minimum();
    }

    /** Whether there is no partition it writes: other processes have them all. */
    boolean ownsNone() {
        return applied.owned().isEmpty();
    }

    @Override
    public void close() {
        writer.close();
    }
}
