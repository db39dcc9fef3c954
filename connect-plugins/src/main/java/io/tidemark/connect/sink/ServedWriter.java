package io.tidemark.connect.sink;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.model.store.WriteOutcome;
import java.util.List;
import java.util.Set;

/**
 * Writes what the target's readers are given, and nothing else: a store that several generations of a read model were built
 * in may have made it a place beside the one that the configuration names. What is written there nobody reads, and no
 * promotion would ever give it to anybody.
 */
final class ServedWriter implements DocumentWriter {

    private final TargetStore store;
    private final TargetStore.Content content;
    private final DocumentWriter writer;

    ServedWriter(TargetStore store, TargetStore.Content content) {
        this.store = store;
        this.content = content;
        this.writer = store.writer(content);
    }

    @Override
    public void open() {
        writer.open();
        try (ServedGeneration served = store.served(content)) {
            if (!served.isServed()) {
                throw new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        "Readers of " + TargetName.of(store.name(), content.topic()) + " are given something else than "
                                + content.generation() + ", which would be written there: choose another target in "
                                + store.nameKey());
            }
        }
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
        return writer.write(batch, claims);
    }

    @Override
    public void close() {
        writer.close();
    }
}
