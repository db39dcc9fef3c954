package io.tidemark.projections.internal.writing;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.ParkedDocument;
import io.tidemark.projections.ParkedDocument.ParkedKey;
import io.tidemark.projections.ParkedDocuments;
import io.tidemark.projections.ParkedDocuments.Wanted;
import io.tidemark.projections.ParkedDocuments.Wish;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes out of a delivery what its store refuses, with everything later of the same key, until somebody decides. */
final class Parking implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Parking.class);
    private static final long ANSWERING_NANOS = Duration.ofSeconds(1).toNanos();

    private final String name;
    private final String store;
    private final ParkedDocuments documents;
    private final int most;

    /**
     * @param name of the delivery, for messages
     * @param most documents of this store that may be parked: with more, something else is wrong
     */
    Parking(String name, String store, ParkedDocuments documents, int most) {
        this.name = name;
        this.store = store;
        this.documents = documents;
        this.most = most;
    }

    /** Reads what is parked now. */
    void catchUp() {
        documents.read();
    }

    /** Whether a document is to be parked because one before it is; then it is, durably. */
    boolean parks(int partition, Document document) {
        Optional<ParkedDocument> before = documents.get(id(document.key()));
        before.filter(each -> document.version().compareTo(each.version()) > 0)
                .ifPresent(each -> documents.put(each.followedBy(partition, document)));
        return before.isPresent();
    }

    /** Parks what the store refused. */
    void refused(int partition, Document document, String reason) {
        if (documents.get(id(document.key())).isEmpty() && documents.of(store).size() >= most) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    name + " refuses " + document.collection() + " " + document.key() + ": " + reason + ". "
                            + (most == 0 ? "Nothing may be parked" : most + " documents are parked already")
                            + " (max-parked). Mend the store or the definition and start again; nothing was passed over");
        }
        documents.put(ParkedDocument.refused(store, partition, document, reason));
        LOG.warn("{} refuses {}, which is parked: {}", name, document.key(), reason);
    }

    /** Does what people asked for, in the partitions that are ours; for a while only, the rest at the next turn. */
    void answer(String collection, DocumentWriter writer, IntPredicate ours) {
        documents.follow();
        long until = System.nanoTime() + ANSWERING_NANOS;
        for (Wanted wanted : documents.wishes(store)) {
            if (!ours.test(wanted.document().partition())) {
                continue;
            }
            answer(wanted, collection, writer);
            if (System.nanoTime() > until) {
                return;
            }
        }
    }

    /** What the store may take later is tried again at the next turn. */
    private void answer(Wanted wanted, String collection, DocumentWriter writer) {
        ParkedDocument newest = wanted.document();
        if (wanted.wish() == Wish.RETRY) {
            WriteOutcome outcome = writer.write(List.of(newest.toDocument(collection)), List.of())
                    .get(0);
            if (outcome.settled()) {
                LOG.info("{}: parked {} is written", name, newest.id().key());
                documents.remove(newest);
            } else if (outcome instanceof WriteOutcome.Rejected rejected) {
                documents.put(newest.refusedAgain(rejected.reason()));
            } else {
                return;
            }
        } else if (newest.version().equals(wanted.seen())) {
            LOG.warn("{}: parked {} is dropped", name, newest.id().key());
            documents.remove(newest);
        }
        documents.answered(newest);
    }

    private ParkedKey id(RowKey key) {
        return new ParkedKey(store, key);
    }

    @Override
    public void close() {
        documents.close();
    }
}
