package io.tidemark.stores.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlFailuresTest {

    private static final SqlSettings SETTINGS =
            new SqlSettings("jdbc:postgresql://dw:5432/shop?ssl=true", "dw", new Secret("canary"));

    @ParameterizedTest
    @CsvSource({
        "08006, UNREACHABLE, true, false",
        "57P01, UNREACHABLE, true, false",
        "40001, UNREACHABLE, true, false",
        "25006, UNREACHABLE, true, false",
        "28P01, UNREACHABLE, true, false",
        "21000, FAILED, false, true",
        "22P02, FAILED, false, true",
        "23502, FAILED, false, true",
        "42P01, DATA_LOSS, false, false",
        ", FAILED, false, false"
    })
    void a_state_says_whether_to_try_again_and_whether_the_data_is_to_blame(
            String state, ErrorCode code, boolean passing, boolean data) {
        SQLException e = new SQLException("why", state);

        assertThat(SqlFailures.isPassing(e)).isEqualTo(passing);
        assertThat(SqlFailures.isData(e)).isEqualTo(data);
        TidemarkException told = SqlFailures.of(SETTINGS, e);
        assertThat(told.code()).isEqualTo(code);
        assertThat(told).hasMessageContaining("jdbc:postgresql://dw:5432/shop").hasMessageNotContaining("canary");
    }

    @Test
    void a_password_in_the_url_is_refused_without_being_printed() {
        assertThatThrownBy(() -> new SqlSettings("jdbc:postgresql://dw/shop?PASSWORD=canary", "dw", new Secret("")))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining("contains a password")
                .hasMessageNotContaining("canary");
    }
}
