package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.projections.ModelGenerations;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is decided about generations, of what there is. */
class RebuildsTest {

    private static final ModelGenerations TWO =
            ModelGenerations.first("orders", "lineage", build(1)).beginning(build(2));

    private static ModelGenerations.Build build(int number) {
        return ModelGenerations.Build.of(number, number, "digest", Map.of("search", "orders"), Json.object());
    }

    @Test
    void what_nobody_writes_is_not_given_to_readers() {
        assertThatThrownBy(() -> Rebuilds.decided(2, TWO.withProblem(2, "a store refused too much")))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining("refused too much");
        assertThatThrownBy(() -> Rebuilds.decided(2, TWO.dropping(2)))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining("no generation 2");
        assertThat(Rebuilds.decided(2, TWO).next()).isEqualTo(2);
        assertThat(Rebuilds.decided(1, TWO)).as("it is live").isEqualTo(TWO);
    }

    @Test
    void a_rollback_goes_where_readers_came_from_and_run_again_no_further() {
        ModelGenerations deciding = TWO.promoting(2);
        assertThat(Rebuilds.before(deciding)).as("taken back").isEqualTo(1);
        ModelGenerations promoted = deciding.promoted();
        assertThat(Rebuilds.before(promoted)).isEqualTo(1);
        ModelGenerations back = promoted.promoting(1);
        assertThat(Rebuilds.before(back)).as("not carried out").isEqualTo(1);
        assertThat(Rebuilds.before(back.promoted()))
                .as("carried out by somebody")
                .isEqualTo(1);
        ModelGenerations third =
                back.promoted().beginning(build(3)).promoting(3).promoted();
        assertThat(Rebuilds.before(third)).isEqualTo(1);
    }
}
