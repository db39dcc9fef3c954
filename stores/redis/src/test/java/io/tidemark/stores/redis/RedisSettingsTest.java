package io.tidemark.stores.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisSettingsTest {

    @Test
    void a_url_is_taken_apart_and_its_password_never_printed() {
        RedisSettings settings = RedisSettings.parse(new Secret("rediss://shop:c%40nary@cache:6380/3"));

        assertThat(settings.display()).isEqualTo("rediss://cache:6380/3");
        assertThat(settings.user()).isEqualTo("shop");
        assertThat(settings.password().reveal()).isEqualTo("c@nary");
        assertThat(settings.toString()).doesNotContain("nary");
    }

    @Test
    void what_is_left_out_has_a_default() {
        RedisSettings settings = RedisSettings.parse(new Secret("redis://cache"));

        assertThat(settings)
                .isEqualTo(new RedisSettings("cache", 6379, false, 0, null, null, null, Duration.ofHours(1)));
        assertThat(RedisSettings.parse(new Secret("redis://:secret@cache")).user())
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://cache", "redis:cache", "redis://canary@cache/x", "redis://ca nary"})
    void what_is_no_redis_url_is_refused_without_being_printed(String url) {
        assertThatThrownBy(() -> RedisSettings.parse(new Secret(url)))
                .isInstanceOf(TidemarkException.class)
                .hasMessageNotContaining("canary");
    }
}
