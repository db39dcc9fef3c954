package io.tidemark.projections.internal.writing;

import static org.awaitility.Awaitility.await;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** Writes down what it is asked, in the words of {@link #said}, and fails, refuses or keeps waiting when told to. */
final class ScriptedWriter implements DocumentWriter {

    /** Why it refuses a document. */
    static final String REASON = "as the test has it";

    private final Map<Integer, TidemarkRef> held = new ConcurrentHashMap<>();
    private final Queue<String> said = new ConcurrentLinkedQueue<>();
    private final Queue<RowKey> written = new ConcurrentLinkedQueue<>();
    private final Queue<ErrorCode> failures = new ConcurrentLinkedQueue<>();
    private final Set<RowKey> unfit = ConcurrentHashMap.newKeySet();
    private final Set<Version> unfitVersions = ConcurrentHashMap.newKeySet();
    private volatile CountDownLatch beforeAnswer = new CountDownLatch(0);

    /** The next batch fails with this, and after it those that were told of before. */
    void failNext(ErrorCode failure) {
        failures.add(failure);
    }

    /** Documents of this key are refused. */
    void refuse(RowKey key) {
        unfit.add(key);
    }

    /** Documents of this version are refused. */
    void refuse(Version version) {
        unfitVersions.add(version);
    }

    /** No document is refused any more. */
    void refuseNothing() {
        unfit.clear();
        unfitVersions.clear();
    }

    /** Batches are not answered before {@link #answer}. */
    void holdAnswers() {
        beforeAnswer = new CountDownLatch(1);
    }

    void answer() {
        beforeAnswer.countDown();
    }

    /** As a store that is set back to where it had applied no more than this. */
    void setBack(long number) {
        said.clear();
        held.clear();
        held.put(0, new TidemarkRef(number, new Lsn(number)));
    }

    /** In its order: documents as their versions, claims as {@code claim 1}, failures, and the names of other calls. */
    List<String> said() {
        return List.copyOf(said);
    }

    /** In their order, each as often as it was written. */
    List<RowKey> written() {
        return List.copyOf(written);
    }

    void forgetSaid() {
        said.clear();
    }

    void awaitSaid(String what) {
        await().atMost(DeliveryUnderTest.PATIENCE).until(() -> said.contains(what));
    }

    @Override
    public void open() {
        said.add("open");
    }

    @Override
    public List<AppliedTidemark> claims() {
        return held.entrySet().stream()
                .map(claim -> new AppliedTidemark(claim.getKey(), claim.getValue()))
                .toList();
    }

    @Override
    public void forget(Set<Integer> partitions) {
        said.add("forget");
        held.keySet().removeAll(partitions);
    }

    @Override
    public void rejoin() {
        said.add("rejoin");
    }

    @Override
    public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
        ErrorCode failure = failures.poll();
        if (failure != null) {
            said.add(failure.toString());
            if (failure == ErrorCode.DATA_LOSS) {
                held.clear();
            }
            throw new TidemarkException(failure, REASON);
        }
        List<WriteOutcome> outcomes = batch.stream().map(this::write).toList();
        awaitAnswer();
        if (outcomes.stream().allMatch(WriteOutcome::settled)) {
            claims.forEach(claim -> {
                said.add("claim " + claim.tidemark().number());
                held.put(claim.partition(), claim.tidemark());
            });
        }
        return outcomes;
    }

    private WriteOutcome write(Document document) {
        if (unfit.contains(document.key()) || unfitVersions.contains(document.version())) {
            said.add("unfit " + document.version());
            return new WriteOutcome.Rejected(REASON);
        }
        said.add(document.version().toString());
        written.add(document.key());
        return WriteOutcome.applied();
    }

    private void awaitAnswer() {
        try {
            beforeAnswer.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        said.add("close");
    }
}
