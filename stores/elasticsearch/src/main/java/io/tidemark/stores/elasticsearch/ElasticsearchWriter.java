package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.NewestPerKey;
import io.tidemark.model.store.WriteOutcome;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes documents into the index of one generation, {@code <alias>-<generation number>}.
 *
 * <p>The version is the position: a key has one content per position. A write the server refuses is stale when the
 * stored document says our position or a newer one, or is deleted; with an older one somebody else changed it.
 * Elasticsearch remembers deletes for an hour ({@code index.gc_deletes}), as long as the node runs.
 */
public final class ElasticsearchWriter implements DocumentWriter {

    private final ElasticsearchServer server;
    private final PhysicalIndex index;
    private final TidemarkIndex bookkeeping;
    private final Generation generation;
    private final int partitions;
    private final Map<String, String> numbers;

    /**
     * @param alias what applications search
     * @param partitions of the generation's input
     * @param numbers the documents' numeric fields by dotted path, each {@code long} or {@code double}. Guessed from the
     *     first value, 14 would make a field long that meets 9.80 next
     */
    public ElasticsearchWriter(
            ElasticsearchSettings settings,
            String alias,
            Generation generation,
            int partitions,
            Map<String, String> numbers) {
        this.index = PhysicalIndex.of(alias, generation);
        this.server = new ElasticsearchServer(settings);
        this.bookkeeping = new TidemarkIndex(server, generation);
        this.generation = generation;
        this.partitions = partitions;
        this.numbers = Map.copyOf(numbers);
    }

    @Override
    public void open() {
        bookkeeping.create();
        bookkeeping.begin(partitions);
        if (!index.exists(server) && bookkeeping.hasClaims(partitions)) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "The index " + index.name() + " of " + generation + " is not in " + server.display()
                            + " although tidemarks were applied to it already: what it should hold will not be sent"
                            + " again; start a new generation");
        }
        index.create(server, numbers);
    }

    @Override
    public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
        NewestPerKey newest = NewestPerKey.of(batch);
        List<WriteOutcome> outcomes = newest.spread(new BulkWrite(server, index.name()).write(newest.documents()));
        if (!outcomes.stream().allMatch(WriteOutcome::settled)) {
            return outcomes;
        }
        Optional<String> failure = save(claims);
        if (failure.isEmpty()) {
            return outcomes;
        }
        if (batch.isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "The applied tidemark of " + generation + " cannot be saved in " + server.display() + ": "
                            + failure.get());
        }
        return Collections.nCopies(batch.size(), new WriteOutcome.Retriable(failure.get()));
    }

    /** Makes everything written so far visible to search; reads by id see it anyway. */
    public void refresh() {
        JsonNode shards = server.orFail("POST", "/" + index.name() + "/_refresh", null)
                .json()
                .path("_shards");
        if (shards.path("failed").asInt() > 0) {
            throw new TidemarkException(
                    ErrorCode.FAILED, "The index " + index.name() + " in " + server.display() + " was not refreshed");
        }
    }

    private Optional<String> save(List<AppliedTidemark> claims) {
        try {
            return bookkeeping.save(claims);
        } catch (IOException e) {
            return Optional.of(String.valueOf(server.unreachable(e).getMessage()));
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
