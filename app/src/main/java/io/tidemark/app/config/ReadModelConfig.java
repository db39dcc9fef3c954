package io.tidemark.app.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A read model as the file has it, not yet compared with the source. */
public sealed interface ReadModelConfig {

    String name();

    /** Where it is written, at least one. */
    List<Target> targets();

    /**
     * One store it is written to.
     *
     * @param store name of the store
     * @param target what it becomes there: an index alias, a key template such as {@code order:{id}}, or a schema
     */
    record Target(String store, Mention target) {}

    /** A tree of tables, one nested document per row of the root. */
    record DocumentConfig(String name, NodeConfig root, List<Target> targets) implements ReadModelConfig {

        public DocumentConfig {
            targets = List.copyOf(targets);
        }
    }

    /** Tables kept row for row. */
    record MirrorConfig(String name, List<TablePattern> tables, List<Target> targets) implements ReadModelConfig {

        public MirrorConfig {
            tables = List.copyOf(tables);
            targets = List.copyOf(targets);
        }
    }

    /**
     * A table's place in a document.
     *
     * @param fields columns in the document; empty for all
     * @param where a predicate over its rows; null for every row
     */
    record NodeConfig(
            Mention table,
            List<Mention> fields,
            List<RelatedConfig> one,
            List<RelatedConfig> many,
            @Nullable Mention where) {

        public NodeConfig {
            fields = List.copyOf(fields);
            one = List.copyOf(one);
            many = List.copyOf(many);
        }
    }

    /**
     * A nested table: an entry of {@code one} or {@code many}.
     *
     * @param by columns that refer to the other table's key; empty for the only foreign key between the two
     * @param orderBy of {@code many}; empty for the order of the key
     */
    record RelatedConfig(Mention name, List<Mention> by, List<Mention> orderBy, NodeConfig node) {

        public RelatedConfig {
            by = List.copyOf(by);
            orderBy = List.copyOf(orderBy);
        }
    }
}
