package io.tidemark.connect.elasticsearch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.connect.sink.SinkKeys;
import io.tidemark.connect.sink.TargetName;
import io.tidemark.connect.sink.TargetStore;
import io.tidemark.connect.sink.Versioning;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.stores.elasticsearch.ElasticsearchServed;
import io.tidemark.stores.elasticsearch.ElasticsearchSettings;
import io.tidemark.stores.elasticsearch.ElasticsearchStore;
import io.tidemark.stores.elasticsearch.ElasticsearchWriter;
import io.tidemark.stores.elasticsearch.IndexAdditions;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/** Indices as the configuration describes them. */
record ElasticsearchTarget(ElasticsearchSettings settings, String index, IndexAdditions additions)
        implements TargetStore {

    static ElasticsearchTarget of(AbstractConfig config) {
        String user = config.getString(SinkKeys.USER);
        String authority = config.getString(SinkKeys.AUTHORITY);
        return new ElasticsearchTarget(
                new ElasticsearchSettings(
                        config.getString(SinkKeys.URL),
                        user.isEmpty() ? null : user,
                        secret(config.getPassword(SinkKeys.PASSWORD)),
                        secret(config.getPassword(ElasticsearchKeys.API_KEY)),
                        authority.isEmpty() ? null : Path.of(authority)),
                config.getString(ElasticsearchKeys.INDEX),
                new IndexAdditions(
                        object(config, ElasticsearchKeys.SETTINGS), object(config, ElasticsearchKeys.MAPPING)));
    }

    private static @Nullable Secret secret(@Nullable Password password) {
        return password == null ? null : new Secret(password.value());
    }

    private static ObjectNode object(AbstractConfig config, String key) {
        try {
            return Json.parseObject(config.getString(key));
        } catch (IllegalArgumentException e) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION, key + " is no JSON object (" + e.getMessage() + "): write {} for none", e);
        }
    }

    @Override
    public void check() {
        ElasticsearchStore.check(settings);
    }

    @Override
    public DocumentWriter writer(Content content) {
        return new ElasticsearchWriter(
                settings, alias(content), content.generation(), content.partitions(), Map.of(), additions);
    }

    @Override
    public ServedGeneration served(Content content) {
        return new ElasticsearchServed(settings, alias(content), content.generation());
    }

    private String alias(Content content) {
        return TargetName.of(index, content.topic()).toLowerCase(Locale.ROOT);
    }

    @Override
    public String targetKey() {
        return ElasticsearchKeys.INDEX;
    }

    @Override
    public String name() {
        return index;
    }

    @Override
    public String nameKey() {
        return ElasticsearchKeys.INDEX;
    }

    @Override
    public Set<String> keyNames(String topic) {
        return Set.of();
    }

    @Override
    public Versioning versioning() {
        return Versioning.ONE_NUMBER;
    }

    @Override
    public boolean truncates() {
        return false;
    }
}
