package io.tidemark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryTest {

    @Test
    void parameters_are_decoded() {
        Query query = Query.parse("token=0%2F16B3748&model=a+b%C3%A9&empty=");
        assertThat(query.required("token")).isEqualTo("0/16B3748");
        assertThat(query.optional("model")).contains("a bé");
        assertThat(query.optional("empty")).isEmpty();
        assertThat(query.optional("other")).isEmpty();
    }

    @Test
    void none_is_fine() {
        assertThat(Query.parse(null).allowOnly(List.of()).optional("a")).isEmpty();
        assertThat(Query.parse("").allowOnly(List.of()).optional("a")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a             | 'a' is no parameter of the form name=value",
                "=b            | '=b' is no parameter of the form name=value",
                "a=1&&b=2      | '' is no parameter of the form name=value",
                "a=%zz         | '%zz' is not percent-encoded as it should be",
                "a=1&a=2       | parameter 'a' is there twice",
                "modell=m      | unknown parameter 'modell'; there are a, model",
                "model=m       | parameter 'a' is missing",
            })
    void what_is_wrong_is_said(String raw, String message) {
        assertThatThrownBy(
                        () -> Query.parse(raw).allowOnly(List.of("a", "model")).required("a"))
                .hasMessage(message)
                .asInstanceOf(InstanceOfAssertFactories.type(TidemarkException.class))
                .extracting(TidemarkException::code)
                .isEqualTo(ErrorCode.USAGE);
    }
}
