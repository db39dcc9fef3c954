package io.tidemark.reconciliation;

import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** A read model as reconciliation sees it: collections of documents, each with the tree it is built from. */
public record ComparedModel(String name, List<ComparedCollection> collections) {

    public ComparedModel {
        collections = List.copyOf(collections);
        if (collections.isEmpty()) {
            throw new IllegalArgumentException("Read model '" + name + "' has no table to compare");
        }
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
