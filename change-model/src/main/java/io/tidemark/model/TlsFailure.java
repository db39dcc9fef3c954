package io.tidemark.model;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Why TLS did not come about, in words: clients say no more than that a handshake failed, and hide the reason below.
 *
 * @param reason without a full stop
 */
public record TlsFailure(Kind kind, String reason) {

    /** PostgreSQL's driver looks at the name itself, and says so without a cause. */
    private static final Pattern DRIVER_NAME_CHECK = Pattern.compile("The hostname (\\S+) could not be verified.*");

    /** What is wrong, as far as it decides what to do about it. */
    public enum Kind {
        /** Not valid any more, or not yet. */
        DATE,
        /** Signed by nobody this client trusts. */
        AUTHORITY,
        /** Of another server. */
        NAME,
        /** Something else: versions, ciphers, no TLS at the other end. */
        OTHER
    }

    /** What to do about a store's. */
    public String remedyOfStore() {
        return switch (kind) {
            case DATE -> "Give the server a new certificate";
            case AUTHORITY ->
                "Check 'ca' of the store: it names a file with the certificate of the authority that signed the server's";
            case NAME ->
                "Use a host in the url that the certificate names, or give the server one that names this host";
            case OTHER -> "Check the url and the server's settings of TLS";
        };
    }

    /** The failure among an error and its causes, the most telling first; empty when it has nothing to do with TLS. */
    public static Optional<TlsFailure> in(Throwable error) {
        return Stream.<Optional<TlsFailure>>of(
                        found(error, CertificateExpiredException.class, Kind.DATE, "its certificate has expired"),
                        found(
                                error,
                                CertificateNotYetValidException.class,
                                Kind.DATE,
                                "its certificate is not valid yet"),
                        find(error, CertPathBuilderException.class)
                                .map(cause -> new TlsFailure(
                                        Kind.AUTHORITY, "its certificate is signed by no authority trusted here")),
                        found(error, CertPathValidatorException.class, Kind.OTHER, "its certificate is refused"),
                        found(error, CertificateException.class, Kind.NAME, "its certificate is for another name"),
                        found(
                                error,
                                SSLPeerUnverifiedException.class,
                                Kind.NAME,
                                "its certificate is for another name"),
                        driverNameCheck(error),
                        found(error, SSLException.class, Kind.OTHER, "TLS fails"))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<TlsFailure> found(
            Throwable error, Class<? extends Throwable> type, Kind kind, String what) {
        return find(error, type).map(cause -> new TlsFailure(kind, what + " (" + oneLine(cause) + ")"));
    }

    private static Optional<TlsFailure> driverNameCheck(Throwable error) {
        Matcher matcher = DRIVER_NAME_CHECK.matcher(oneLine(error));
        return matcher.matches()
                ? Optional.of(new TlsFailure(Kind.NAME, "its certificate is for another name than " + matcher.group(1)))
                : Optional.empty();
    }

    private static Optional<? extends Throwable> find(Throwable error, Class<? extends Throwable> type) {
        return Stream.iterate(error, cause -> cause != null, Throwable::getCause)
                .filter(type::isInstance)
                .findFirst();
    }

    private static String oneLine(Throwable cause) {
        String line = String.valueOf(cause.getMessage()).replaceAll("\\s*\\R\\s*", " ");
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }
}
