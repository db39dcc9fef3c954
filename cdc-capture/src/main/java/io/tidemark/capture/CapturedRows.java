package io.tidemark.capture;

import io.tidemark.capture.internal.rows.TableRows;
import io.tidemark.model.Cut;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.StoredDocument;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The rows that the change topics say there are, for whoever compares them with the source's: one collection for each table,
 * by the table's name, read as the table's description has it. Each question is answered as of the newest tidemark there is
 * then; a topic is read from its beginning once, and kept on disk below {@code java.io.tmpdir} until this is closed.
 */
public final class CapturedRows implements DocumentReader {

    private final Map<String, String> kafkaClient;
    private final Topics topics;
    private final Map<String, Relation> relations;
    private final Supplier<Optional<Cut>> newest;
    private final Map<String, TableRows> tables = new HashMap<>();

    /**
     * Prepares it.
     *
     * @param relations of the tables that will be asked for, as the topics have them
     * @param newest the newest tidemark with its offsets
     */
    public CapturedRows(
            Map<String, String> kafkaClient, Topics topics, List<Relation> relations, Supplier<Optional<Cut>> newest) {
        this.kafkaClient = Map.copyOf(kafkaClient);
        this.topics = topics;
        this.relations = relations.stream()
                .collect(Collectors.toMap(relation -> relation.table().toString(), Function.identity()));
        this.newest = newest;
    }

    /** The topics are as of the newest tidemark. */
    @Override
    public Optional<TidemarkRef> appliedTidemark() {
        return newest.get().map(Cut::tidemark);
    }

    @Override
    public Map<RowKey, StoredDocument> get(String collection, List<RowKey> keys) {
        TableRows rows = readOn(collection);
        Map<RowKey, StoredDocument> found = new HashMap<>();
        keys.forEach(key -> rows.get(key).ifPresent(row -> found.put(key, row)));
        return found;
    }

    @Override
    public void scan(String collection, int batchSize, Consumer<List<StoredDocument>> batches) {
        readOn(collection).scan(batchSize, batches);
    }

    private TableRows readOn(String collection) {
        TableRows rows = tables.computeIfAbsent(collection, this::open);
        TableId table = TableId.parse(collection);
        rows.readTo(newest.get()
                .map(cut -> cut.offsets().getOrDefault(topics.changes(table), List.of()))
                .orElse(List.of()));
        return rows;
    }

    private TableRows open(String collection) {
        Relation relation = relations.get(collection);
        if (relation == null) {
            throw new IllegalArgumentException(collection + " is none of " + relations.keySet());
        }
        return new TableRows(kafkaClient, topics.changes(relation.table()), relation);
    }

    @Override
    public void close() {
        tables.values().forEach(TableRows::close);
        tables.clear();
    }
}
