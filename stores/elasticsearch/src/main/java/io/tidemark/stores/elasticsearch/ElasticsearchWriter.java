package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.GracePeriod;
import io.tidemark.model.store.NewestPerKey;
import io.tidemark.model.store.WriteOutcome;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes documents into the index of one generation, {@code <alias>-<generation number>}.
 *
 * <p>The version is the position: a key has one content per position. A write the server refuses is stale when the
 * stored document says our position or a newer one, or is deleted; with an older one somebody else changed it.
 * Elasticsearch remembers deletes for an hour ({@code index.gc_deletes}), as long as the node runs.
 *
 * <p>Documents go through an alias named after the identity of the index. It goes when the index is deleted, so that
 * nothing is written into one that a write, or another writer, made in its place.
 */
public final class ElasticsearchWriter implements DocumentWriter {

    private final ElasticsearchServer server;
    private final PhysicalIndex index;
    private final TidemarkIndex bookkeeping;
    private final Generation generation;
    private final int partitions;
    private final GracePeriod grace = new GracePeriod();
    private final Map<String, String> numbers;
    private final IndexAdditions additions;
    private final BooleanSupplier serves;
    private @Nullable Incarnation incarnation;
    private @Nullable Claims saved;

    /**
     * @param alias what applications search
     * @param partitions of the generation's input
     * @param numbers the documents' numeric fields by dotted path, each {@code long} or {@code double}. Guessed from the
     *     first value, 14 would make a field long that meets 9.80 next
     * @param additions for the index, if it is made
     * @param serves whether searchers are to be given this generation, where the alias is not there
     */
    public ElasticsearchWriter(
            ElasticsearchSettings settings,
            String alias,
            Generation generation,
            int partitions,
            Map<String, String> numbers,
            IndexAdditions additions,
            BooleanSupplier serves) {
        this.index = PhysicalIndex.of(alias, generation);
        this.server = new ElasticsearchServer(settings);
        this.bookkeeping = new TidemarkIndex(server, generation);
        this.generation = generation;
        this.partitions = partitions;
        this.numbers = Map.copyOf(numbers);
        this.additions = additions;
        this.serves = serves;
    }

    /** One of a generation that searchers are given. */
    public ElasticsearchWriter(
            ElasticsearchSettings settings,
            String alias,
            Generation generation,
            int partitions,
            Map<String, String> numbers,
            IndexAdditions additions) {
        this(settings, alias, generation, partitions, numbers, additions, () -> true);
    }

    @Override
    public void open() {
        bookkeeping.create();
        bookkeeping.begin(partitions);
        index.create(server, numbers, additions, serves.getAsBoolean());
        Incarnation made = index.incarnation(server).orElseThrow(() -> BulkResult.gone(index.name(), server));
        server.addHiddenAlias(index.name(), made.writeAlias());
        incarnation = made;
        saved = new Claims(server, bookkeeping, made);
        grace.begin(made.deletesRemembered());
    }

    @Override
    public List<AppliedTidemark> claims() {
        return opened(saved).read(partitions);
    }

    @Override
    public void forget(Set<Integer> some) {
        try {
            opened(saved).forget(some);
        } catch (IOException e) {
            throw server.unreachable(e);
        }
    }

    private static <T> T opened(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("open() comes first");
        }
        return part;
    }

    @Override
    public void rejoin() {
        grace.confirm();
    }

    @Override
    public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
        Incarnation into = opened(incarnation);
        grace.require(generation.toString());
        NewestPerKey newest = NewestPerKey.of(batch);
        List<WriteOutcome> outcomes = newest.spread(new BulkWrite(server, into, grace).write(newest.documents()));
        if (!outcomes.stream().allMatch(WriteOutcome::settled)) {
            return outcomes;
        }
        Optional<String> failure = save(claims, into);
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

    private Optional<String> save(List<AppliedTidemark> claims, Incarnation into) {
        if (claims.isEmpty()) {
            return Optional.empty();
        }
        try {
            requireSame(into);
            return opened(saved).save(claims);
        } catch (IOException e) {
            return Optional.of(String.valueOf(server.unreachable(e).getMessage()));
        } catch (TidemarkException e) {
            if (e.code() != ErrorCode.UNREACHABLE) {
                throw e;
            }
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** A restored index may have the alias we write through: it was there when the snapshot was made. */
    private void requireSame(Incarnation into) {
        boolean same = index.incarnation(server)
                .filter(now -> now.uuid().equals(into.uuid()))
                .isPresent();
        if (!same) {
            throw BulkResult.gone(index.name(), server);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
