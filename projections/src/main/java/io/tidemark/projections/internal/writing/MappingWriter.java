package io.tidemark.projections.internal.writing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.definition.StoredForm;
import io.tidemark.model.definition.StoredForm.UnmappableException;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Writes documents in their stored form. What has none is rejected, as if the store had refused it. */
public final class MappingWriter implements DocumentWriter {

    private final DocumentWriter writer;
    private final StoredForm form;

    /**
     * Puts a mapping before a writer.
     *
     * @param writer closed with this
     */
    public MappingWriter(DocumentWriter writer, StoredForm form) {
        this.writer = writer;
        this.form = form;
    }

    @Override
    public void open() {
        writer.open();
    }

    @Override
    public List<AppliedTidemark> claims() {
        return writer.claims();
    }

    @Override
    public void forget(Set<Integer> partitions) {
        writer.forget(partitions);
    }

    @Override
    public void rejoin() {
        writer.rejoin();
    }

    @Override
    public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
        List<WriteOutcome> outcomes = new ArrayList<>();
        List<Document> stored = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (Document document : batch) {
            try {
                stored.add(stored(document));
                places.add(outcomes.size());
                outcomes.add(WriteOutcome.applied()); // until the store has said
            } catch (UnmappableException e) {
                outcomes.add(new WriteOutcome.Rejected(String.valueOf(e.getMessage())));
            }
        }
        boolean rejected = stored.size() < batch.size();
        if (rejected && stored.isEmpty()) {
            return outcomes;
        }
        // Claims are saved with a batch that is settled, and a rejected document is not.
        List<WriteOutcome> written = writer.write(stored, rejected ? List.of() : claims);
        for (int i = 0; i < written.size(); i++) {
            outcomes.set(places.get(i), written.get(i));
        }
        return outcomes;
    }

    private Document stored(Document document) throws UnmappableException {
        ObjectNode body = document.body();
        return body == null
                ? document
                : new Document(document.collection(), document.key(), document.version(), form.of(document.key(), body))
                        .from(document.origin());
    }

    @Override
    public void close() {
        writer.close();
    }
}
