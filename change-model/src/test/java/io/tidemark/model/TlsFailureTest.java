package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.TlsFailure.Kind;
import java.io.IOException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.sql.SQLException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class TlsFailureTest {

    private static Throwable handshake(Exception cause) {
        return new SQLException("SSL error", "08006", new SSLHandshakeException("failed").initCause(cause));
    }

    @Test
    void the_most_telling_cause_is_said() {
        assertThat(TlsFailure.in(handshake(new CertificateException(new CertPathValidatorException(
                        "invalid", new CertificateExpiredException("NotAfter: yesterday"))))))
                .contains(new TlsFailure(Kind.DATE, "its certificate has expired (NotAfter: yesterday)"));
        assertThat(TlsFailure.in(handshake(new CertificateException(new CertPathBuilderException("none found")))))
                .contains(new TlsFailure(Kind.AUTHORITY, "its certificate is signed by no authority trusted here"));
        assertThat(TlsFailure.in(handshake(new CertificateException("No name matching x found."))))
                .contains(new TlsFailure(Kind.NAME, "its certificate is for another name (No name matching x found)"));
        assertThat(TlsFailure.in(new SSLException("no cipher\nin common")))
                .contains(new TlsFailure(Kind.OTHER, "TLS fails (no cipher in common)"));
    }

    @Test
    void the_drivers_own_look_at_the_name_counts_too() {
        String text = "The hostname db could not be verified by hostnameverifier PgjdbcHostnameVerifier.";
        assertThat(TlsFailure.in(new SQLException(text, "08006")))
                .contains(new TlsFailure(Kind.NAME, "its certificate is for another name than db"));
        assertThat(SqlReason.of(new SQLException(text, "08006")))
                .isEqualTo("its certificate is for another name than db");
    }

    @Test
    void what_has_nothing_to_do_with_tls_is_none() {
        assertThat(TlsFailure.in(new SQLException("refused", "08001", new IOException("connect"))))
                .isEmpty();
    }
}
