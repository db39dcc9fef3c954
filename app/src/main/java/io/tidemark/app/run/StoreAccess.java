package io.tidemark.app.run;

import io.tidemark.app.config.Mention;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.ReadModelConfig.TargetOptions;
import io.tidemark.app.config.StoreConfig;
import io.tidemark.capture.CapturedState;
import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.EntryTypes;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.TransactionalWriter;
import io.tidemark.projections.ParkedDocument;
import io.tidemark.projections.ParkedDocuments;
import io.tidemark.stores.elasticsearch.ElasticsearchMender;
import io.tidemark.stores.elasticsearch.ElasticsearchReader;
import io.tidemark.stores.elasticsearch.ElasticsearchSettings;
import io.tidemark.stores.elasticsearch.ElasticsearchStore;
import io.tidemark.stores.elasticsearch.ElasticsearchWriter;
import io.tidemark.stores.elasticsearch.IndexAdditions;
import io.tidemark.stores.redis.RedisMender;
import io.tidemark.stores.redis.RedisReader;
import io.tidemark.stores.redis.RedisSettings;
import io.tidemark.stores.redis.RedisStore;
import io.tidemark.stores.redis.RedisTarget;
import io.tidemark.stores.redis.RedisWriter;
import io.tidemark.stores.sql.SqlDocumentReader;
import io.tidemark.stores.sql.SqlDocumentTable;
import io.tidemark.stores.sql.SqlDocumentWriter;
import io.tidemark.stores.sql.SqlMender;
import io.tidemark.stores.sql.SqlMirror;
import io.tidemark.stores.sql.SqlMirrorReader;
import io.tidemark.stores.sql.SqlMirrorWriter;
import io.tidemark.stores.sql.SqlSettings;
import io.tidemark.stores.sql.SqlStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/** Makes the writers and readers of a plan's read models. */
public final class StoreAccess {

    private final Plan plan;
    private final String lineage;
    private final @Nullable IntSupplier live;

    /**
     * Binds a plan to a capture.
     *
     * @param lineage of the capture whose positions the stores hold
     */
    public StoreAccess(Plan plan, String lineage) {
        this(plan, lineage, null);
    }

    /** @param live number of the generation that readers are given, as of now; null for what the plan says */
    StoreAccess(Plan plan, String lineage, @Nullable IntSupplier live) {
        this.plan = plan;
        this.lineage = lineage;
        this.live = live;
    }

    /** Binds live generations to a capture, whatever the file says of them by now. */
    static StoreAccess ofLive(Plan file, String lineage) {
        return new StoreAccess(GenerationPlans.live(file), lineage);
    }

    private BooleanSupplier serving(ReadModel model) {
        IntSupplier now = live(model);
        return () -> now.getAsInt() == plan.build(model).number();
    }

    private IntSupplier live(ReadModel model) {
        Build build = plan.build(model);
        return live == null ? () -> build.serves() ? build.number() : 0 : live;
    }

    /**
     * Binds a plan to the capture whose topics are there.
     *
     * @throws TidemarkException when nothing was captured yet
     */
    public static StoreAccess ofCaptured(Plan plan) {
        String lineage = CapturedState.read(plan.kafkaClient(), plan.topics())
                .map(CapturedState::lineage)
                .orElseThrow(() -> new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        "Nothing was captured under prefix '" + plan.topics().prefix()
                                + "' yet; start 'tidemark run' first"));
        return new StoreAccess(plan, lineage);
    }

    /** A writer of a model's generation in one of its stores; not open yet. */
    public DocumentWriter writer(DocumentModel document, Target target) {
        StoreConfig store = plan.config().store(target.store());
        String name = target.target().text();
        int partitions = plan.appliedPartitions(document);
        if (store instanceof StoreConfig.Elasticsearch search) {
            return new ElasticsearchWriter(
                    settings(search),
                    name,
                    generation(document),
                    partitions,
                    NumericFields.of(document),
                    target.options() instanceof TargetOptions.Index index ? index.additions() : IndexAdditions.none(),
                    serving(document));
        }
        if (store instanceof StoreConfig.Redis cache) {
            return new RedisWriter(
                    settings(cache), redis(document, target), generation(document), partitions, live(document));
        }
        if (store instanceof StoreConfig.Sql sql) {
            return new SqlDocumentWriter(
                    settings(sql), table(document, target), generation(document), partitions, serving(document));
        }
        throw unfit(document, store);
    }

    /** A writer of a mirror's generation in one of its stores; not open yet. */
    public TransactionalWriter writer(MirrorModel mirror, Target target) {
        StoreConfig store = plan.config().store(target.store());
        if (store instanceof StoreConfig.Sql sql) {
            return new SqlMirrorWriter(
                    settings(sql),
                    new SqlMirror(target.target().text(), plan.relationsOf(mirror), mirror.history()),
                    generation(mirror),
                    plan.appliedPartitions(mirror),
                    serving(mirror));
        }
        throw unfit(mirror, store);
    }

    /** A reader of the same. */
    public DocumentReader reader(ReadModel model, Target target) {
        StoreConfig store = plan.config().store(target.store());
        String name = target.target().text();
        if (model instanceof DocumentModel && store instanceof StoreConfig.Elasticsearch search) {
            return new ElasticsearchReader(settings(search), name, generation(model));
        }
        if (model instanceof DocumentModel document && store instanceof StoreConfig.Redis cache) {
            return new RedisReader(settings(cache), redis(document, target), generation(model));
        }
        if (model instanceof DocumentModel document && store instanceof StoreConfig.Sql sql) {
            return new SqlDocumentReader(settings(sql), table(document, target), generation(model));
        }
        if (model instanceof MirrorModel mirror && store instanceof StoreConfig.Sql sql) {
            return new SqlMirrorReader(settings(sql), name, plan.relationsOf(mirror), generation(model));
        }
        throw unfit(model, store);
    }

    /** Mends documents of the same. */
    public DocumentMender mender(ReadModel model, Target target) {
        StoreConfig store = plan.config().store(target.store());
        String name = target.target().text();
        if (model instanceof DocumentModel && store instanceof StoreConfig.Elasticsearch search) {
            return new ElasticsearchMender(settings(search), name, generation(model));
        }
        if (model instanceof DocumentModel document && store instanceof StoreConfig.Redis cache) {
            return new RedisMender(settings(cache), redis(document, target), generation(model));
        }
        if (model instanceof DocumentModel document && store instanceof StoreConfig.Sql sql) {
            return SqlMender.ofDocuments(settings(sql), table(document, target), generation(model));
        }
        if (model instanceof MirrorModel mirror && store instanceof StoreConfig.Sql sql) {
            SqlMirror tables = new SqlMirror(name, plan.relationsOf(mirror), mirror.history());
            return SqlMender.ofMirror(settings(sql), tables, generation(model));
        }
        throw unfit(model, store);
    }

    /** The documents of a model's generation that are parked; nothing is read of them yet. */
    public ParkedDocuments parked(ReadModel model) {
        return parked(model, plan.build(model).name(model.name()));
    }

    private ParkedDocuments parked(ReadModel model, String name) {
        return new ParkedDocuments(
                plan.kafkaClient(), plan.topics(), name, generation(model).lineage());
    }

    /** Whether the documents of a model's generation were ever assembled. */
    boolean hasRun(ReadModel model) {
        try (ParkedDocuments parked = parked(model, plan.build(model).assemblyName(model.name()))) {
            return parked.exists();
        }
    }

    /**
     * What is parked of a model's generation, by store, as of now.
     *
     * @return empty for a model that never ran, and for mirrors
     */
    public Map<String, List<ParkedDocument>> parkedNow(ReadModel model) {
        try (ParkedDocuments parked = parked(model)) {
            Map<String, List<ParkedDocument>> byStore = new LinkedHashMap<>();
            if (parked.exists()) {
                parked.read();
                plan.targets(model).forEach(target -> byStore.put(target.store(), parked.of(target.store())));
            }
            return byStore;
        }
    }

    /**
     * Reaches a store.
     *
     * @return its version, for people
     */
    public static String check(StoreConfig store) {
        if (store instanceof StoreConfig.Elasticsearch search) {
            return ElasticsearchStore.check(settings(search));
        }
        if (store instanceof StoreConfig.Redis cache) {
            return RedisStore.check(settings(cache));
        }
        return SqlStore.check(settings((StoreConfig.Sql) store));
    }

    /** Another definition is not the same one, whatever its number. */
    private Generation generation(ReadModel model) {
        return new Generation(model.name(), plan.build(model).number(), lineage + "/" + DefinitionDigest.of(model));
    }

    /** The resolver has seen to it that every column is an entry of the document. */
    private static SqlDocumentTable table(DocumentModel document, Target target) {
        List<Column> entries = EntryTypes.of(document.root());
        List<Mention> named = target.options() instanceof TargetOptions.Columns some ? some.columns() : List.of();
        List<Column> columns = named.stream()
                .flatMap(wanted -> entries.stream().filter(entry -> entry.name().equals(wanted.text())))
                .toList();
        Relation root = document.root().relation();
        List<Column> key = document.key().stream()
                .flatMap(name -> root.column(name).stream())
                .toList();
        return new SqlDocumentTable(TableId.parse(target.target().text()), key, columns);
    }

    private static RedisTarget redis(DocumentModel document, Target target) {
        List<String> entries =
                EntryTypes.of(document.root()).stream().map(Column::name).toList();
        String template = target.target().text();
        return target.options() instanceof TargetOptions.Stored stored
                ? new RedisTarget(
                        template, Plan.keyOf(document), stored.form(), entries, stored.ttl(), stored.pointed())
                : RedisTarget.json(template, Plan.keyOf(document));
    }

    static ElasticsearchSettings settings(StoreConfig.Elasticsearch store) {
        ElasticsearchSettings settings = signingIn(store);
        return store.authority().map(settings::trusting).orElse(settings);
    }

    private static ElasticsearchSettings signingIn(StoreConfig.Elasticsearch store) {
        String url = store.url().value();
        if (store.credentials() instanceof StoreConfig.Credentials.UserPassword user) {
            return ElasticsearchSettings.withUser(url, user.user(), user.password());
        }
        if (store.credentials() instanceof StoreConfig.Credentials.ApiKey key) {
            return ElasticsearchSettings.withApiKey(url, key.key());
        }
        return ElasticsearchSettings.of(url);
    }

    static RedisSettings settings(StoreConfig.Redis store) {
        RedisSettings settings = RedisSettings.parse(new Secret(store.url().value()));
        return store.authority().map(settings::trusting).orElse(settings);
    }

    static SqlSettings settings(StoreConfig.Sql store) {
        Properties inUrl = Driver.parseURL(store.url().value(), null);
        String urlUser = inUrl == null ? "" : inUrl.getProperty("user", "");
        return new SqlSettings(store.url().value(), store.user().orElse(urlUser), store.password());
    }

    private static TidemarkException unfit(ReadModel model, StoreConfig store) {
        return new TidemarkException(
                ErrorCode.CONFIGURATION,
                "Read model '" + model.name() + "' cannot be written to '" + store.name() + "' (" + store.kind()
                        + "): a mirror is kept in a sql store");
    }
}
