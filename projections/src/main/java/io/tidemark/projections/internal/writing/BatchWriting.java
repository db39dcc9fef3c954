package io.tidemark.projections.internal.writing;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a batch until every document is in: what the store may take later is sent again, in order, with growing pauses;
 * what it refuses stops the delivery, which keeps its place.
 */
final class BatchWriting {

    private static final Logger LOG = LoggerFactory.getLogger(BatchWriting.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final String name;
    private final DocumentWriter writer;
    private final CountDownLatch closing;
    private final Refusals refusals;

    /** Takes a document that the store refuses out of the batch, or throws. */
    @FunctionalInterface
    interface Refusals {
        void refused(Document document, String reason);
    }

    /** What one attempt leaves to be sent again, and whether documents were refused: then no claims were saved. */
    private record Left(List<Document> documents, boolean refused) {}

    /** One that stops at what the store refuses. */
    BatchWriting(String name, DocumentWriter writer, CountDownLatch closing) {
        this(name, writer, closing, (document, reason) -> {
            throw stopped(name, document.collection() + " " + document.key() + ": " + reason);
        });
    }

    BatchWriting(String name, DocumentWriter writer, CountDownLatch closing, Refusals refusals) {
        this.name = name;
        this.writer = writer;
        this.closing = closing;
        this.refusals = refusals;
    }

    /**
     * Writes, with one version per key in the batch at most.
     *
     * @return false when closing came first; then nothing of the batch may be counted as written
     * @throws TidemarkException what {@link Refusals} throw
     */
    boolean write(List<Document> batch, List<AppliedTidemark> claims) throws InterruptedException {
        List<Document> left = batch;
        Duration pause = FIRST_PAUSE;
        while (true) {
            Optional<List<WriteOutcome>> outcomes = attempt(left, claims);
            if (outcomes.isPresent()) {
                Left after = left(left, outcomes.get());
                left = after.documents();
                if (after.refused()) {
                    continue;
                }
                if (left.isEmpty()) {
                    return true;
                }
            }
            LOG.warn("{}: {} documents are sent again in {} ms", name, left.size(), pause.toMillis());
            if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
            pause = longer(pause);
        }
    }

    /**
     * Tries until what is written as one is in.
     *
     * @param attempt writes all of it, or nothing
     * @return false when closing came first; then nothing may be counted as written
     * @throws TidemarkException FAILED when the store refuses a document
     */
    boolean writeAsOne(Supplier<WriteOutcome> attempt) throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        long begunNanos = System.nanoTime();
        for (int attempts = 1; true; attempts++) {
            WriteOutcome outcome = orRetriable(attempt);
            if (outcome.settled()) {
                return true;
            }
            if (outcome instanceof WriteOutcome.Rejected rejected) {
                throw stopped(name, rejected.reason());
            }
            LOG.warn(
                    "{}: all of it is sent again in {} ms, after attempt {}, {} s since the first began: {}",
                    name,
                    pause.toMillis(),
                    attempts,
                    Duration.ofNanos(System.nanoTime() - begunNanos).toSeconds(),
                    outcome);
            if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
            pause = longer(pause);
        }
    }

    private static WriteOutcome orRetriable(Supplier<WriteOutcome> attempt) {
        try {
            return attempt.get();
        } catch (TidemarkException e) {
            if (e.code() != ErrorCode.UNREACHABLE) {
                throw e;
            }
            return new WriteOutcome.Retriable(String.valueOf(e.getMessage()));
        }
    }

    /** Opens the writer, however long its store is away; false when closing came first. */
    boolean open() throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                writer.open();
                return true;
            } catch (TidemarkException e) {
                if (e.code() != ErrorCode.UNREACHABLE) {
                    throw e;
                }
                LOG.warn("{}: {}", name, e.getMessage());
            }
            if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
            pause = longer(pause);
        }
    }

    private static Duration longer(Duration pause) {
        return pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
    }

    /** Writes once; gives what became of each, or nothing when not even the claims of an empty batch got through. */
    private Optional<List<WriteOutcome>> attempt(List<Document> batch, List<AppliedTidemark> claims) {
        try {
            return Optional.of(writer.write(batch, claims));
        } catch (TidemarkException e) {
            if (e.code() != ErrorCode.UNREACHABLE) {
                throw e;
            }
            LOG.warn("{}: {}", name, e.getMessage());
            return Optional.empty();
        }
    }

    private Left left(List<Document> batch, List<WriteOutcome> outcomes) {
        List<Document> again = new ArrayList<>();
        boolean refused = false;
        for (int i = 0; i < batch.size(); i++) {
            WriteOutcome outcome = outcomes.get(i);
            Document document = batch.get(i);
            if (outcome instanceof WriteOutcome.Retriable) {
                again.add(document);
            } else if (outcome instanceof WriteOutcome.Rejected rejected) {
                refusals.refused(document, rejected.reason());
                refused = true;
            } else if (outcome instanceof WriteOutcome.ChangedElsewhere changed) {
                LOG.warn(
                        "{}: {} {} was changed by somebody else (it said position {}); it is overwritten now",
                        name,
                        document.collection(),
                        document.key(),
                        changed.storedPosition());
            }
        }
        return new Left(again, refused);
    }

    private static TidemarkException stopped(String name, String what) {
        return new TidemarkException(
                ErrorCode.FAILED,
                name + " refuses " + what
                        + ". Mend the store or the definition and start again; nothing was passed over");
    }
}
