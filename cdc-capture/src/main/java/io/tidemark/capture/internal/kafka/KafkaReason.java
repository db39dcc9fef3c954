package io.tidemark.capture.internal.kafka;

import io.tidemark.model.TlsFailure;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;

/** What an error of Kafka's clients means and what to do about it, without the credentials some of them quote. */
final class KafkaReason {

    private static final String JAAS = "JAAS";

    private KafkaReason() {}

    /** What is below the words that a client, and each part of it, could not be made. */
    static Throwable below(Throwable error) {
        Throwable cause = error.getCause();
        return cause != null && String.valueOf(error.getMessage()).startsWith("Failed to c") ? below(cause) : error;
    }

    /** The reason, without a full stop. */
    static String of(Throwable error) {
        return TlsFailure.in(error).map(TlsFailure::reason).orElseGet(() -> withoutCredentials(error));
    }

    /** A mistyped sasl.jaas.config is complained of with the part that was not understood, such as half a password. */
    private static String withoutCredentials(Throwable error) {
        String text = String.valueOf(error.getMessage());
        return text.contains(JAAS) ? "sasl.jaas.config is not of the form Kafka wants" : text;
    }

    static String remedy(Throwable error) {
        return TlsFailure.in(error).map(tls -> remedy(tls.kind())).orElseGet(() -> remedyBesideTls(error));
    }

    private static String remedy(TlsFailure.Kind kind) {
        return switch (kind) {
            case DATE -> "Give the brokers new certificates";
            case AUTHORITY ->
                "Check ssl.truststore.location under kafka: it names a file with the certificate of the authority that signed the brokers'";
            case NAME ->
                "Use hosts in kafka.bootstrap.servers, and in the brokers' advertised.listeners, that their certificates name";
            case OTHER ->
                "Check security.protocol and the ssl properties under kafka, and that kafka.bootstrap.servers has the port for TLS";
        };
    }

    private static String remedyBesideTls(Throwable error) {
        if (String.valueOf(error.getMessage()).contains(JAAS)) {
            return "It is the name of a login module, 'required', username=\"...\" password=\"...\", and ';' at the end;"
                    + " docs/configuration.md has an example";
        }
        if (error instanceof ConfigException) {
            return "Each of kafka.bootstrap.servers is host:port; further properties are as Kafka's clients have them";
        }
        if (error instanceof AuthenticationException) {
            return "Check sasl.mechanism and sasl.jaas.config under kafka";
        }
        if (error instanceof AuthorizationException) {
            return "Give this client the rights on topics with the prefix";
        }
        return "Check kafka.bootstrap.servers and security.protocol, and that the brokers are running";
    }
}
