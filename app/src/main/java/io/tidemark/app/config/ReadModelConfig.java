package io.tidemark.app.config;

import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Constant;
import io.tidemark.model.definition.StoredForm;
import io.tidemark.stores.elasticsearch.IndexAdditions;
import io.tidemark.stores.redis.RedisTarget;
import java.time.Duration;
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
     * @param target what it becomes there: an index alias, a key template such as {@code order:{id}}, a schema, or a
     *     table of a schema
     * @param options what else the file says of it
     */
    record Target(String store, Mention target, TargetOptions options) {}

    /** What a target may have beside its place. */
    sealed interface TargetOptions {

        /** Nothing. */
        record None() implements TargetOptions {}

        /**
         * A document in a sql store.
         *
         * @param columns entries that are columns of the table, too
         */
        record Columns(List<Mention> columns) implements TargetOptions {

            public Columns {
                columns = List.copyOf(columns);
            }
        }

        /** A document in an elasticsearch store. */
        record Index(IndexAdditions additions) implements TargetOptions {}

        /**
         * A document in a redis store.
         *
         * @param ttl null for documents that do not expire
         * @param pointed whether each generation has keys of its own
         */
        record Stored(RedisTarget.Form form, @Nullable Duration ttl, boolean pointed) implements TargetOptions {

            /** One whose generations take the keys over. */
            Stored(RedisTarget.Form form, @Nullable Duration ttl) {
                this(form, ttl, false);
            }
        }
    }

    /**
     * A tree of tables, one nested document per row of the root.
     *
     * @param key columns of the root that tell documents apart; empty for its primary key
     * @param maxParked documents each store may refuse before a refusal stops the model
     * @param maxDocumentBytes size above which a document is parked instead of being sent
     * @param form what stores hold of a document; a file cannot say
     */
    record DocumentConfig(
            String name,
            NodeConfig root,
            List<Mention> key,
            List<Target> targets,
            int maxParked,
            int maxDocumentBytes,
            StoredForm form)
            implements ReadModelConfig {

        static final int MAX_PARKED = 100;

        public DocumentConfig {
            key = List.copyOf(key);
            targets = List.copyOf(targets);
        }
    }

    /**
     * Tables kept row for row.
     *
     * @param history whether every version of each row is kept, too
     */
    record MirrorConfig(String name, List<TablePattern> tables, boolean history, List<Target> targets)
            implements ReadModelConfig {

        public MirrorConfig {
            tables = List.copyOf(tables);
            targets = List.copyOf(targets);
        }
    }

    /**
     * A table's place in a document.
     *
     * @param fields columns in the document
     * @param allFields whether no fields stand for all
     * @param where a predicate over its rows; null for every row
     */
    record NodeConfig(
            Mention table,
            List<FieldConfig> fields,
            boolean allFields,
            List<ConstantConfig> constants,
            List<RelatedConfig> one,
            List<RelatedConfig> many,
            @Nullable Mention where) {

        public NodeConfig {
            fields = List.copyOf(fields);
            constants = List.copyOf(constants);
            one = List.copyOf(one);
            many = List.copyOf(many);
        }
    }

    /** A column and its name in the document, which are the same mention where it keeps its own. */
    record FieldConfig(Mention name, Mention column) {}

    /** A value in the document, and where the file names it. */
    record ConstantConfig(Mention name, Constant constant) {}

    /**
     * A nested table: an entry of {@code one} or {@code many}.
     *
     * @param by columns that refer to the other table's key; empty for the only foreign key between the two
     * @param lifted of {@code one}: whether the list that holds it is flattened by it
     * @param list of {@code many}
     */
    record RelatedConfig(Mention name, List<Mention> by, boolean lifted, ListConfig list, NodeConfig node) {

        public RelatedConfig {
            by = List.copyOf(by);
        }
    }

    /**
     * How the list of a {@code many} is made.
     *
     * @param orderBy empty for the order of the key
     * @param limit {@link io.tidemark.model.definition.Children#ALL} for none
     * @param listed false where there are only aggregates
     */
    record ListConfig(List<OrderConfig> orderBy, int limit, boolean listed, List<AggregateConfig> aggregates) {

        public ListConfig {
            orderBy = List.copyOf(orderBy);
            aggregates = List.copyOf(aggregates);
        }
    }

    /**
     * A value over children.
     *
     * @param column null to count the children
     */
    record AggregateConfig(
            Mention name,
            Aggregate.Function function,
            @Nullable Mention column) {}

    /** A column to order by. */
    record OrderConfig(Mention column, boolean descending, boolean nullsFirst) {}
}
