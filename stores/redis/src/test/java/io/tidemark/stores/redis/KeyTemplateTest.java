package io.tidemark.stores.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.util.JedisClusterCRC16;

class KeyTemplateTest {

    private static final List<String> ID = List.of("id");
    private static final List<String> LINE = List.of("order_id", "line");

    @Test
    void a_template_makes_keys_and_knows_them_again() {
        KeyTemplate template = KeyTemplate.parse("order:{id}", ID);

        assertThat(template.keyOf(new RowKey("{\"id\":17}"))).isEqualTo("order:17");
        assertThat(template.makes("order:17", new RowKey("{\"id\":17}"))).isTrue();
        assertThat(template.makes("order:17:lines", new RowKey("{\"id\":17}"))).isFalse();
        assertThat(template.makes("order:17", new RowKey("{\"line\":17}"))).isFalse();
        assertThat(template.guess("order:17")).hasValue(new RowKey("{\"id\":17}"));
        assertThat(template.guess("order:007")).hasValue(new RowKey("{\"id\":\"007\"}"));
        assertThat(template.guess("orders:17")).isEmpty();
    }

    @Test
    void different_composite_keys_never_share_a_redis_key() {
        KeyTemplate template = KeyTemplate.parse("line:{order_id}:{line}", LINE);
        RowKey one = new RowKey("{\"order_id\":\"a:b\",\"line\":\"c\"}");
        RowKey other = new RowKey("{\"order_id\":\"a\",\"line\":\"b:c\"}");
        RowKey percent = new RowKey("{\"order_id\":\"a%003Ab\",\"line\":\"c\"}");

        assertThat(List.of(template.keyOf(one), template.keyOf(other), template.keyOf(percent)))
                .doesNotHaveDuplicates();
        assertThat(template.guess(template.keyOf(one))).hasValue(one);
        assertThat(template.guess(template.keyOf(percent))).hasValue(percent);
    }

    @Test
    void a_brace_written_twice_is_a_brace_and_a_glob_matches_literally() {
        KeyTemplate template = KeyTemplate.parse("{{{id}}}:a*b?[c]", ID);

        assertThat(template.keyOf(new RowKey("{\"id\":17}"))).isEqualTo("{17}:a*b?[c]");
        assertThat(template.glob()).isEqualTo("{*}:a\\*b\\?\\[c\\]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"order", "order:{ID}", "order:{id", "order:}{id}", "order:{id}:{id}", "{id}{other}"})
    void a_template_that_could_mix_rows_up_is_refused(String template) {
        assertThatThrownBy(() -> KeyTemplate.parse(template, ID))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining(template);
        assertThatThrownBy(() -> KeyTemplate.parse("{order_id}{line}", LINE)).hasMessageContaining("text between");
    }

    @ParameterizedTest
    @ValueSource(strings = {"order:17", "{17}:order", "a{b}c"})
    void a_tombstone_shares_its_documents_slot(String key) {
        assertThat(JedisClusterCRC16.getSlot(RedisKeys.tombstone(key))).isEqualTo(JedisClusterCRC16.getSlot(key));
    }

    @Test
    void a_tombstone_belongs_to_one_document() {
        assertThat(RedisKeys.tombstone("x")).isNotEqualTo(RedisKeys.tombstone("{x}"));
    }
}
