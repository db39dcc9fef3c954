package io.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SharedStackIT {

    @Test
    void every_fresh_database_is_another_one_of_the_same_server() {
        assertThat(SharedStack.freshDatabase()).isNotEqualTo(SharedStack.freshDatabase());
        assertThat(SharedStack.postgres()).isSameAs(SharedStack.postgres());
    }

    @Test
    void a_server_that_a_test_killed_is_back_for_the_next() {
        SharedStack.redis().kill();
        assertThat(SharedStack.redis().isAlive()).isTrue();
    }
}
