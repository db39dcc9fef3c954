package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {

    @ParameterizedTest
    @CsvSource({"1kB, 1024", "512MB, 536870912", "5GB, 5368709120", "999999TB, 1099510528264372224"})
    void sizes_are_read_as_postgres_reads_them(String text, long bytes) {
        assertThat(ByteSize.parse(text)).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "5gb", "5 GB", "-5GB", "1.5GB", "1000000TB"})
    void other_texts_are_no_sizes(String text) {
        assertThat(ByteSize.parse(text)).isEmpty();
    }

    @Test
    void sizes_are_printed_with_one_decimal_whatever_the_locale() {
        assertThat(ByteSize.text(0)).isEqualTo("0B");
        assertThat(ByteSize.text(1536)).isEqualTo("1.5kB");
        assertThat(ByteSize.text(50 * ByteSize.GIGABYTE)).isEqualTo("50.0GB");
    }
}
