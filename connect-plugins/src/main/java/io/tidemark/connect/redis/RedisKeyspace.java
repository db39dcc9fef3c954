package io.tidemark.connect.redis;

import io.tidemark.connect.sink.SinkKeys;
import io.tidemark.connect.sink.TargetName;
import io.tidemark.connect.sink.TargetStore;
import io.tidemark.connect.sink.Versioning;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.stores.redis.RedisServed;
import io.tidemark.stores.redis.RedisSettings;
import io.tidemark.stores.redis.RedisStore;
import io.tidemark.stores.redis.RedisTarget;
import io.tidemark.stores.redis.RedisWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/** Keys of a Redis as the configuration describes them. */
record RedisKeyspace(
        RedisSettings settings,
        String key,
        RedisTarget.Form form,
        @Nullable Duration ttl) implements TargetStore {

    private static final Pattern COLUMN = Pattern.compile("(?<!\\{)\\{([^{}]+)}(?!})");

    static RedisKeyspace of(AbstractConfig config) {
        long ttlMs = config.getLong(RedisKeys.TTL);
        return new RedisKeyspace(
                settings(config),
                config.getString(RedisKeys.KEY),
                RedisTarget.Form.valueOf(config.getString(RedisKeys.FORM).toUpperCase(Locale.ROOT)),
                ttlMs == 0 ? null : Duration.ofMillis(ttlMs));
    }

    private static RedisSettings settings(AbstractConfig config) {
        RedisSettings plain = RedisSettings.parse(new Secret(config.getString(SinkKeys.URL)));
        String user = config.getString(SinkKeys.USER);
        Password password = config.getPassword(SinkKeys.PASSWORD);
        String authority = config.getString(SinkKeys.AUTHORITY);
        return new RedisSettings(
                plain.host(),
                plain.port(),
                plain.tls(),
                plain.database(),
                user.isEmpty() ? plain.user() : user,
                password == null ? plain.password() : new Secret(password.value()),
                authority.isEmpty() ? null : Path.of(authority),
                plain.tombstones());
    }

    @Override
    public void check() {
        RedisStore.check(settings);
    }

    @Override
    public DocumentWriter writer(Content content) {
        return RedisWriter.ofOwner(settings, target(content), content.generation(), content.partitions());
    }

    @Override
    public ServedGeneration served(Content content) {
        return new RedisServed(settings, target(content), content.generation());
    }

    private RedisTarget target(Content content) {
        String template = TargetName.of(key, content.topic());
        List<String> columns = columns(template);
        if (columns.isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    RedisKeys.KEY + "=" + key
                            + " names no field of the key, so all documents would have one Redis key: write"
                            + " each in braces, for example order:{id}");
        }
        return new RedisTarget(template, columns, form, List.of(), ttl);
    }

    /** The columns a template names are the key: one without another would be another document's, too. */
    static List<String> columns(String template) {
        return COLUMN.matcher(template)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }

    @Override
    public String targetKey() {
        return RedisKeys.KEY;
    }

    @Override
    public String name() {
        return key;
    }

    @Override
    public String nameKey() {
        return RedisKeys.KEY;
    }

    @Override
    public Set<String> keyNames(String topic) {
        return Set.copyOf(columns(TargetName.of(key, topic)));
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
