package io.tidemark.reconciliation;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A read model as reconciliation sees it: collections of documents, each with the tree it is built from.
 *
 * @param scope what of it is compared
 */
public record ComparedModel(String name, List<ComparedCollection> collections, Scope scope) {

    public ComparedModel {
        collections = List.copyOf(collections);
        if (collections.isEmpty()) {
            throw new IllegalArgumentException("Read model '" + name + "' has no table to compare");
        }
    }

    /** All of it. */
    public ComparedModel(String name, List<ComparedCollection> collections) {
        this(name, collections, Scope.EVERYTHING);
    }

    /** A part of it. */
    public ComparedModel within(Scope part) {
        return new ComparedModel(name, collections, part);
    }

    /**
     * Some of its documents.
     *
     * @param texts of their keys, as {@link RowKey#text()} or as JSON objects; behind {@code schema.table:} where the
     *     model has several tables
     * @throws TidemarkException USAGE when one is no key of the model
     */
    public ComparedModel withKeys(List<String> texts) {
        Map<String, List<RowKey>> keys = new LinkedHashMap<>();
        for (String text : texts) {
            ComparedCollection collection = collectionOf(text);
            String told = collections.size() == 1
                    ? text
                    : text.substring(collection.name().length() + 1);
            RowKey key = collection
                    .keyOf(told)
                    .orElseThrow(() -> noKey(
                            text,
                            "a key of " + collection.name() + " is "
                                    + String.join("|", collection.keyed().primaryKey())
                                    + ", or that as a JSON object"));
            List<RowKey> those = keys.computeIfAbsent(collection.name(), any -> new ArrayList<>());
            if (!those.contains(key)) {
                those.add(key);
            }
        }
        return within(Scope.Keys.askedFor(keys));
    }

    private ComparedCollection collectionOf(String text) {
        if (collections.size() == 1) {
            return collections.get(0);
        }
        return collections.stream()
                .filter(each -> text.startsWith(each.name() + ":"))
                .findFirst()
                .orElseThrow(() -> noKey(
                        text,
                        "say of which table, for example " + collections.get(0).name() + ":17"));
    }

    private TidemarkException noKey(String text, String why) {
        return new TidemarkException(ErrorCode.USAGE, "'" + text + "' is no key of " + name + ": " + why);
    }

    /**
     * Takes any read model apart.
     *
     * @param relations describes the tables of a mirror; a document's definition holds its own
     */
    public static ComparedModel of(ReadModel model, Function<TableId, Relation> relations) {
        if (model instanceof DocumentModel document) {
            return of(document);
        }
        List<ComparedCollection> tables = ((MirrorModel) model)
                .tables().stream()
                        .map(relations)
                        .map(ComparedCollection::rowsOf)
                        .toList();
        return new ComparedModel(model.name(), tables);
    }

    public static ComparedModel of(DocumentModel document) {
        return new ComparedModel(
                document.name(),
                List.of(new ComparedCollection(document.name(), document.root(), document.keyed(), document.form())));
    }

    /** Every table of the source the model depends on. */
    Set<TableId> tables() {
        Set<TableId> tables = new TreeSet<>();
        collections.forEach(
                collection -> tables.addAll(new DocumentModel(collection.name(), collection.root()).tables()));
        return tables;
    }
}
