package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.StoredForm;
import io.tidemark.model.store.Division;
import io.tidemark.model.store.DocumentSums;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/** Reads one collection's expected documents from a snapshot of the source. */
final class ExpectedDocuments {

    private final SourceSettings source;
    private final Connection connection;
    private final ComparedCollection collection;
    private final DocumentSql sql;

    ExpectedDocuments(SourceSettings source, Connection connection, ComparedCollection collection) {
        this.source = source;
        this.connection = connection;
        this.collection = collection;
        this.sql = new DocumentSql(collection.root(), collection.keyed());
    }

    /** Every document in key order, in chunks; memory holds one chunk. */
    void stream(int chunkSize, Consumer<List<ExpectedDocument>> chunks) {
        stream(sql.all(), chunkSize, chunks);
    }

    /** Some of the documents, in no order. */
    void sample(Scope.Sample sample, int chunkSize, Consumer<List<ExpectedDocument>> chunks) {
        stream(sql.sample(sample), chunkSize, chunks);
    }

    private void stream(String query, int chunkSize, Consumer<List<ExpectedDocument>> chunks) {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setFetchSize(chunkSize);
            try (ResultSet rows = statement.executeQuery()) {
                List<ExpectedDocument> chunk = nextChunk(rows, chunkSize);
                while (!chunk.isEmpty()) {
                    chunks.accept(chunk);
                    chunk = nextChunk(rows, chunkSize);
                }
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** The documents of these keys; keys the source does not have are absent. */
    Map<RowKey, ExpectedDocument> of(List<RowKey> keys) {
        Map<RowKey, ExpectedDocument> documents = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql.ofKeys())) {
            statement.setString(1, jsonArray(List.copyOf(present(keys))));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    ExpectedDocument document = document(rows);
                    documents.put(document.key(), document);
                }
            }
            return documents;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /**
     * Whether PostgreSQL can hash the documents: it can unless what stores hold is made of what it answers, by a mapping,
     * by hashes or by masks.
     */
    boolean canBeHashed() {
        return collection.form().isAsAssembled() && !isProtected(collection.root());
    }

    private boolean isProtected(DocumentNode node) {
        return !source.columns().of(node.table()).isEmpty()
                || node.references().stream().anyMatch(one -> isProtected(one.node()))
                || node.children().stream().anyMatch(many -> isProtected(many.node()));
    }

    /** About how many documents there are at most, as the source's statistics have it; 0 where they say nothing. */
    long estimate() {
        return query(
                "WITH RECURSIVE tree (oid) AS (SELECT CAST(CAST(? AS regclass) AS oid)"
                        + " UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)"
                        + " SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint"
                        + " FROM tree JOIN pg_class c USING (oid)",
                statement -> statement.setString(1, collection.root().table().quoted()),
                row -> row.next() ? row.getLong(1) : 0);
    }

    /**
     * The sums of every document.
     *
     * @param progress takes the number of documents so far, on the caller's thread; what it throws ends it
     */
    DocumentSums sums(Division division, LongConsumer progress) {
        try {
            return sql.hashed().sums(connection, division, progress);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /**
     * Takes the documents of these keys out of sums.
     *
     * @return the keys of those documents, which may be spelled in another way than what was asked for
     */
    Set<RowKey> subtract(List<RowKey> keys, Division division, DocumentSums sums) {
        String fitting = jsonArray(List.copyOf(present(keys)));
        return query(sql.hashesOfKeys(division), statement -> statement.setString(1, fitting), row -> {
            Set<RowKey> subtracted = new HashSet<>();
            while (row.next()) {
                if (subtracted.add(key(row))) {
                    sums.add(division.bucketOf(row.getLong(2)), -1, -row.getLong(3));
                }
            }
            return subtracted;
        });
    }

    /** The hashes of the documents in some buckets, by key. */
    Map<RowKey, Long> hashes(Division division, BitSet of) {
        Map<RowKey, Long> hashes = new HashMap<>();
        try {
            sql.hashed().hashes(connection, sql.keyText(), division, of, rows -> {
                while (rows.next()) {
                    hashes.put(key(rows), rows.getLong(3));
                }
            });
            return hashes;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @FunctionalInterface
    private interface Bound {
        void to(PreparedStatement statement) throws SQLException;
    }

    @FunctionalInterface
    private interface Answer<T> {
        T of(ResultSet rows) throws SQLException;
    }

    private <T> T query(String text, Bound parameters, Answer<T> answer) {
        try (PreparedStatement statement = connection.prepareStatement(text)) {
            parameters.to(statement);
            try (ResultSet rows = statement.executeQuery()) {
                return answer.of(rows);
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /**
     * Keys as the source prints them, each once: 17 of a {@code numeric(10,2)} is 17.00. One that no row can have is left out.
     *
     * @throws TidemarkException USAGE when a value is none of its column's type
     */
    List<RowKey> spelled(List<RowKey> keys) {
        try (PreparedStatement statement = connection.prepareStatement(sql.spelledKeys())) {
            statement.setString(1, jsonArray(keys));
            Set<RowKey> spelled = new LinkedHashSet<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    spelled.add(key(rows));
                }
            }
            return List.copyOf(spelled);
        } catch (SQLException e) {
            if (SourceErrors.valueDoesNotFit(e)) {
                throw new TidemarkException(
                        ErrorCode.USAGE,
                        "Of the keys of " + collection.name() + " one cannot be: " + e.getMessage(),
                        e);
            }
            throw failed(e);
        }
    }

    /** Those of the keys the source has. Keys come from stores and may be anything, even of another type. */
    Set<RowKey> present(List<RowKey> keys) {
        Set<RowKey> present = new HashSet<>();
        try {
            addPresent(keys, present);
            return present;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Halves the keys until the one that does not fit its type stands alone: the source cannot have it. */
    private void addPresent(List<RowKey> keys, Set<RowKey> present) throws SQLException {
        if (keys.isEmpty()) {
            return;
        }
        Savepoint snapshotKept = connection.setSavepoint();
        try {
            present.addAll(queryPresent(keys));
        } catch (SQLException e) {
            if (!SourceErrors.valueDoesNotFit(e)) {
                throw e;
            }
            connection.rollback(snapshotKept);
            if (keys.size() > 1) {
                addPresent(keys.subList(0, keys.size() / 2), present);
                addPresent(keys.subList(keys.size() / 2, keys.size()), present);
            }
        }
        connection.releaseSavepoint(snapshotKept);
    }

    private Set<RowKey> queryPresent(List<RowKey> keys) throws SQLException {
        Set<RowKey> present = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql.presentKeys())) {
            statement.setString(1, jsonArray(keys));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    present.add(key(rows));
                }
            }
        }
        return present;
    }

    private List<ExpectedDocument> nextChunk(ResultSet rows, int chunkSize) throws SQLException {
        List<ExpectedDocument> chunk = new ArrayList<>();
        while (chunk.size() < chunkSize && rows.next()) {
            chunk.add(document(rows));
        }
        return chunk;
    }

    private ExpectedDocument document(ResultSet row) throws SQLException {
        ObjectNode document = Json.parseObject(row.getString(3));
        protect(collection.root(), document);
        RowKey key = key(row);
        return stored(key, row.getString(2), document);
    }

    /** What has no stored form is in no store, so whatever is there differs from it. */
    private ExpectedDocument stored(RowKey key, String rootXmin, ObjectNode document) {
        try {
            return new ExpectedDocument(key, rootXmin, collection.form().of(key, document));
        } catch (StoredForm.UnmappableException e) {
            return new ExpectedDocument(key, rootXmin, document, false);
        }
    }

    /** Hashes and masks what capture does, here and not in SQL: the source need not have pgcrypto, nor see the key. */
    private void protect(DocumentNode node, JsonNode value) {
        if (!(value instanceof ObjectNode document)) {
            return; // a reference to nothing
        }
        node.fields().forEach(field -> source.columns().applyTo(node.table(), field.column(), field.name(), document));
        node.references().forEach(one -> protect(one.node(), one.lifted() ? document : document.path(one.name())));
        node.children().forEach(many -> document.path(many.name()).forEach(child -> protect(many.node(), child)));
    }

    private RowKey key(ResultSet row) throws SQLException {
        return collection.keyed().keyOf(Json.parse(row.getString(1)));
    }

    private static String jsonArray(List<RowKey> keys) {
        return keys.stream().map(RowKey::json).collect(Collectors.joining(",", "[", "]"));
    }

    private RuntimeException failed(SQLException e) {
        return SourceErrors.of(source, "reading the expected documents of '" + collection.name() + "'", e);
    }
}
