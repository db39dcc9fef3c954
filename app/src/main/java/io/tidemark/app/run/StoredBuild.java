package io.tidemark.app.run;

import io.tidemark.app.config.StoreConfig;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.model.TableId;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.projections.ModelGenerations;
import io.tidemark.stores.elasticsearch.ElasticsearchServed;
import io.tidemark.stores.redis.RedisServed;
import io.tidemark.stores.redis.RedisTarget;
import io.tidemark.stores.sql.SqlDocumentServed;
import io.tidemark.stores.sql.SqlMirrorServed;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A generation in one of its stores, found by what was noted when it was begun: what it is called there does not depend on
 * whether its definition still fits the source.
 */
final class StoredBuild {

    private static final Pattern COLUMN = Pattern.compile("\\{([^{}]+)}");

    private StoredBuild() {}

    /** @param store one of the file's, and of the generation's */
    static ServedGeneration in(
            TidemarkConfig config, ModelGenerations generations, ModelGenerations.Build build, String store) {
        // Where a generation is found its lineage is not asked for; decisions of another capture's are none.
        Generation generation = new Generation(generations.model(), build.number(), generations.lineage());
        String place = build.targets().getOrDefault(store, "");
        StoreConfig kind = config.store(store);
        if (kind instanceof StoreConfig.Elasticsearch search) {
            return new ElasticsearchServed(StoreAccess.settings(search), place, generation);
        }
        if (kind instanceof StoreConfig.Redis cache) {
            return new RedisServed(StoreAccess.settings(cache), redis(place), generation);
        }
        StoreConfig.Sql sql = (StoreConfig.Sql) kind;
        return build.definition().has("mirror")
                ? new SqlMirrorServed(StoreAccess.settings(sql), place, generation)
                : new SqlDocumentServed(StoreAccess.settings(sql), TableId.parse(place), generation);
    }

    /** Of a place such as {@code order:{id} as json}, see {@link Change#places}. */
    private static RedisTarget redis(String place) {
        String template = Change.templateOf(place);
        List<String> columns = new ArrayList<>();
        Matcher matcher = COLUMN.matcher(template);
        while (matcher.find()) {
            columns.add(matcher.group(1));
        }
        RedisTarget.Form form = RedisTarget.Form.valueOf(Change.formOf(place).toUpperCase(Locale.ROOT));
        return new RedisTarget(template, columns, form, List.of(), null, Change.isPointed(place));
    }
}
