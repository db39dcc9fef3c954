package io.tidemark.capture.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class WalPackTest {

    @Test
    void what_was_packed_comes_out_in_order_with_its_place_and_number_and_the_pack_is_empty_then() {
        WalPack pack = new WalPack();
        String large = "x".repeat(100_000);
        pack.add(new Lsn(-1), message("first"));
        pack.add(new Lsn(2), message(""));
        pack.add(new Lsn(3), message(large));
        assertThat(pack.count()).isEqualTo(3);

        List<WalEntry> entries = WalPack.entries(40, pack.take());

        assertThat(entries).extracting(WalEntry::sequence).containsExactly(40L, 41L, 42L);
        assertThat(entries).extracting(entry -> entry.lsn().value()).containsExactly(-1L, 2L, 3L);
        assertThat(entries).extracting(WalPackTest::text).containsExactly("first", "", large);
        assertThat(pack.isEmpty()).isTrue();
        assertThat(WalPack.entries(0, pack.take())).isEmpty();
    }

    @Test
    void the_buffer_it_was_given_stays_as_it_is() {
        ByteBuffer within = ByteBuffer.wrap("-in-".getBytes(StandardCharsets.UTF_8), 1, 2);
        WalPack pack = new WalPack();

        pack.add(new Lsn(1), within);

        assertThat(within.remaining()).isEqualTo(2);
        assertThat(WalPack.entries(0, pack.take()))
                .extracting(WalPackTest::text)
                .containsExactly("in");
    }

    private static ByteBuffer message(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(WalEntry entry) {
        return StandardCharsets.UTF_8.decode(entry.message().duplicate()).toString();
    }
}
