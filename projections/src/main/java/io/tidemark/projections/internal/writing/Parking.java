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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes out of a delivery what its store refuses, with everything later of the same key, until somebody decides; and what
 * the assembler withheld, until it sends the key's document again.
 *
 * <p>Of a partition that is filled, whose history is read again, only the newest version of a key counts. What is refused
 * waits in memory, for a later version that the store takes, until the partition is read to where it ended.
 */
final class Parking implements AutoCloseable {

    /** With more than this waiting, beside what may be parked, the store does not refuse a few documents only. */
    private static final int MOST_WAITING = 1_000;

    /**
     * A document that is not written.
     *
     * @param withheld whether it is the assembler that did not send it, and not the store that refuses it
     */
    record Refused(int partition, Document document, String reason, boolean withheld) {

        /** As it is parked, in place of what was before it. */
        private ParkedDocument parked(String store, Optional<ParkedDocument> before) {
            ParkedDocument parked = before.isPresent()
                    ? before.get().followedBy(partition, document).refusedAgain(reason)
                    : ParkedDocument.refused(store, partition, document, reason);
            return withheld ? parked.asWithheld() : parked;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Parking.class);
    private static final long ANSWERING_NANOS = Duration.ofSeconds(1).toNanos();

    private final String name;
    private final String store;
    private final ParkedDocuments documents;
    private final Runnable stillOwner;
    private final int most;
    /** The newest that was refused of each key, in partitions that are filled. */
    private final Map<RowKey, Refused> waiting = new LinkedHashMap<>();

    /**
     * @param name of the delivery, for messages
     * @param stillOwner throws when the delivery is no member of its group any more. What a former owner parks late would
     *     be written by {@code parked retry}, although the store may have forgotten that it was deleted since
     * @param most documents that this store may refuse and that may be parked: with more, something else is wrong. What is
     *     withheld does not count: no start of the delivery would get past it
     */
    Parking(String name, String store, ParkedDocuments documents, Runnable stillOwner, int most) {
        this.name = name;
        this.store = store;
        this.documents = documents;
        this.stillOwner = stillOwner;
        this.most = most;
    }

    /** Reads what is parked now. */
    void catchUp() {
        documents.read();
    }

    /** @param goesOn whether what was read of a partition before is not read again */
    void begin(IntPredicate goesOn) {
        waiting.values().removeIf(refused -> !goesOn.test(refused.partition()));
    }

    /**
     * Whether a document is to be parked because one before it is; then it is, durably. What came after one that was
     * withheld is not: the store has refused nothing.
     */
    boolean parks(int partition, Document document) {
        Optional<ParkedDocument> before = documents.get(id(document.key()));
        if (before.isPresent() && before.get().withheld()) {
            return document.version().compareTo(before.get().version()) < 0;
        }
        before.filter(each -> document.version().compareTo(each.version()) > 0)
                .ifPresent(each -> put(each.followedBy(partition, document)));
        return before.isPresent();
    }

    /** A document is written, or was parked instead: of its key nothing older is withheld any more. */
    void tried(Document document) {
        documents.get(id(document.key())).filter(ParkedDocument::withheld).ifPresent(parked -> free(parked, document));
    }

    /** Parks what is not written. */
    void refused(Refused refused) {
        Document document = refused.document();
        Optional<ParkedDocument> before = documents.get(id(document.key()));
        if (!refused.withheld() && before.isEmpty() && refusedByStore() >= most) {
            throw tooMany(refused);
        }
        int newer =
                before.map(each -> document.version().compareTo(each.version())).orElse(1);
        // A store was asked once more; what is withheld is read once more.
        if (newer > 0 || (newer == 0 && !refused.withheld())) {
            put(refused.parked(store, before));
        }
        LOG.warn("{}, which is parked: {}", said(refused), refused.reason());
    }

    private long refusedByStore() {
        return documents.of(store).stream().filter(each -> !each.withheld()).count();
    }

    private String said(Refused refused) {
        return refused.withheld()
                ? name + " is not given " + refused.document().key()
                : name + " refuses " + refused.document().key();
    }

    private TidemarkException tooMany(Refused refused) {
        return new TidemarkException(
                ErrorCode.FAILED,
                said(refused) + " of " + refused.document().collection() + ": " + refused.reason() + ". "
                        + (most == 0 ? "Nothing may be parked" : most + " documents are parked already")
                        + " (max-parked). Mend the store or the definition and start again; nothing was passed over");
    }

    /** It is not written, of a partition that is filled. */
    void refusedInFilling(Refused refused) {
        waiting.put(refused.document().key(), refused);
        boolean tooMany = !refused.withheld()
                && waiting.values().stream().filter(each -> !each.withheld()).count() > most + MOST_WAITING;
        if (tooMany) {
            throw tooMany(refused);
        }
    }

    /** Written, or refused, was a document of a partition that is filled: what is taken frees its key. */
    void triedInFilling(Document document) {
        Refused refused = waiting.get(document.key());
        if (refused != null && refused.document().equals(document)) {
            return;
        }
        waiting.remove(document.key());
        documents.get(id(document.key())).ifPresent(parked -> free(parked, document));
    }

    private void free(ParkedDocument parked, Document written) {
        if (parked.version().compareTo(written.version()) <= 0) {
            LOG.info("{}: {} is parked no more, its version {} is written", name, written.key(), written.version());
            documents.remove(parked);
        }
    }

    /** Parks what is still refused of partitions that are read to where they ended. */
    void filled(IntPredicate partition) {
        for (Refused refused : List.copyOf(waiting.values())) {
            if (partition.test(refused.partition())) {
                refused(refused);
                waiting.remove(refused.document().key());
            }
        }
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
        if (wanted.wish() == Wish.RETRY && newest.withheld()) {
            LOG.warn("{}: there is no {} to be written: {}", name, newest.id().key(), newest.reason());
        } else if (wanted.wish() == Wish.RETRY) {
            WriteOutcome outcome = writer.write(List.of(newest.toDocument(collection)), List.of())
                    .get(0);
            if (outcome.settled()) {
                LOG.info("{}: parked {} is written", name, newest.id().key());
                documents.remove(newest);
            } else if (outcome instanceof WriteOutcome.Rejected rejected) {
                put(newest.refusedAgain(rejected.reason()));
            } else {
                return;
            }
        } else if (newest.version().equals(wanted.seen())) {
            LOG.warn("{}: parked {} is dropped", name, newest.id().key());
            documents.remove(newest);
        }
        documents.answered(newest);
    }

    private void put(ParkedDocument document) {
        stillOwner.run();
        documents.put(document);
    }

    private ParkedKey id(RowKey key) {
        return new ParkedKey(store, key);
    }

    @Override
    public void close() {
        documents.close();
    }
}
