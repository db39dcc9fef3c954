package io.tidemark.reconciliation;

import io.tidemark.model.RowKey;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.Mend;
import io.tidemark.model.store.MendOutcome;
import io.tidemark.model.store.StoredDocument;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Mends what {@link InMemoryReader} holds. */
final class InMemoryMender implements DocumentMender {

    private final InMemoryReader store;
    private final Set<RowKey> refused = new HashSet<>();
    private final List<Mend> mends = new ArrayList<>();

    InMemoryMender(InMemoryReader store) {
        this.store = store;
    }

    void refuse(RowKey key) {
        refused.add(key);
    }

    /** All it was asked for. */
    List<Mend> mends() {
        return mends;
    }

    @Override
    public List<MendOutcome> mend(List<Mend> some) {
        mends.addAll(some);
        return some.stream().map(this::mend).toList();
    }

    private MendOutcome mend(Mend mend) {
        Document document = mend.document();
        StoredDocument stored = store.documents(document.collection()).get(document.key());
        if (refused.contains(document.key())) {
            return new MendOutcome.Refused("it is refused");
        }
        if (stored != null && !mend.replaces(stored.position())) {
            return MendOutcome.newer();
        }
        if (document.deletes()) {
            store.remove(document.collection(), document.key());
        } else {
            store.put(document.collection(), document.key(), document.version().position(), document.body());
        }
        return MendOutcome.mended();
    }

    @Override
    public void close() {}
}
