package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Version;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StateKeysTest {

    @Test
    void a_prefix_finds_its_own_row_and_no_row_whose_key_begins_the_same() {
        byte[] prefix = StateKeys.partPrefix(utf8("1"), "lines");

        assertThat(startsWith(StateKeys.part(utf8("1"), "lines", utf8("x")), prefix))
                .isTrue();
        assertThat(startsWith(StateKeys.part(utf8("11"), "lines", utf8("x")), prefix))
                .isFalse();
        assertThat(startsWith(StateKeys.part(utf8("1"), "lines2", utf8("x")), prefix))
                .isFalse();
        assertThat(StateKeys.afterPrefix(StateKeys.part(utf8("1"), "lines", utf8("x")), prefix))
                .isEqualTo(utf8("x"));
    }

    @Test
    void held_input_sorts_by_position_then_order_then_arrival() {
        byte[][] inOrder = {
            StateKeys.held(new Version(1, 9), 9),
            StateKeys.held(new Version(2, 0), 9),
            StateKeys.held(new Version(2, 1), 1),
            StateKeys.held(new Version(2, 1), 2),
            StateKeys.held(new Version(256, 0), 0),
        };

        for (int i = 1; i < inOrder.length; i++) {
            assertThat(Arrays.compareUnsigned(inOrder[i - 1], inOrder[i])).isNegative();
        }
        assertThat(Arrays.compareUnsigned(inOrder[3], StateKeys.heldAfter(2))).isNegative();
        assertThat(Arrays.compareUnsigned(inOrder[4], StateKeys.heldAfter(2))).isPositive();
    }

    @Test
    void a_pair_gives_back_both_halves() {
        byte[] pair = StateKeys.pair(utf8("first"), utf8("second"));

        assertThat(StateKeys.first(pair)).isEqualTo(utf8("first"));
        assertThat(StateKeys.second(pair)).isEqualTo(utf8("second"));
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(Arrays.copyOf(key, prefix.length), prefix);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
