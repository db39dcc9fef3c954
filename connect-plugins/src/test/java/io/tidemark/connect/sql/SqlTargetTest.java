package io.tidemark.connect.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.connect.sink.TargetStore;
import io.tidemark.model.store.Generation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class SqlTargetTest {

    @Test
    void a_key_without_types_is_refused_in_its_words() {
        for (String key : List.of("", "id", "id:bigint,region")) {
            assertThatThrownBy(() -> config(Map.of("primary.key.fields", key)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContainingAll("primary.key.fields", "id:bigint");
        }
        assertThatThrownBy(() -> config(Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("primary.key.fields");
    }

    /** What a task is given first may be a truncate, or a record that is wrong. */
    @Test
    void a_writer_needs_no_record_to_know_the_tables_key() {
        SqlTarget target = SqlTarget.of(config(Map.of("primary.key.fields", "id:bigint, region:text")));
        assertThat(target.keyNames("t")).containsExactlyInAnyOrder("id", "region");
        var content = new TargetStore.Content("t", new Generation("t", 1, ""), 1);
        assertThatCode(() -> target.writer(content).close()).doesNotThrowAnyException();
    }

    private static AbstractConfig config(Map<String, String> others) {
        Map<String, String> all = new HashMap<>(others);
        all.put("connection.url", "jdbc:postgresql://localhost:5432/dw");
        all.put("connection.username", "dw");
        return new AbstractConfig(SqlKeys.DEF, all);
    }
}
