package io.tidemark.app.config;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What {@code source.url} may be: capture reads from one server, over TCP. */
final class SourceAddress {

    static final String JDBC_PREFIX = "jdbc:postgresql:";

    /** A name or an IPv4 address, and a port if any: Debezium takes no other host. */
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+(:[0-9]{1,5})?");

    private static final Pattern SOCKET = Pattern.compile("[?&](socketFactory|socketFactoryArg)=");

    private static final String EXPECTED = "expected a JDBC URL such as jdbc:postgresql://localhost:5432/shop";

    private SourceAddress() {}

    /** What is wrong with a URL, in words that show nothing of it that may be a password; empty when nothing is. */
    static Optional<String> problem(String url) {
        if (!url.startsWith(JDBC_PREFIX)) {
            return Optional.of(EXPECTED);
        }
        String rest = url.substring(JDBC_PREFIX.length());
        if (SOCKET.matcher(rest).find()) {
            return Optional.of(noSocket());
        }
        return rest.startsWith("//") ? host(rest.substring(2).replaceAll("[/?].*", ""), rest) : Optional.empty();
    }

    private static Optional<String> host(String host, String rest) {
        if (host.toLowerCase(Locale.ROOT).startsWith("%2f") || (host.isEmpty() && rest.startsWith("////"))) {
            return Optional.of(noSocket());
        }
        if (host.contains("@")) {
            return Optional.of("name user and password in source.user and source.password, not in the URL");
        }
        if (host.contains(",")) {
            return Optional.of(
                    "several hosts are named, and capture reads from one server, where its replication slot is;"
                            + " name one, such as a DNS name that follows the primary");
        }
        if (host.startsWith("[") || host.indexOf(':') != host.lastIndexOf(':')) {
            return Optional.of("an IPv6 address is not supported; give a host name that stands for it");
        }
        return host.isEmpty() || HOST.matcher(host).matches() ? Optional.empty() : Optional.of(EXPECTED);
    }

    private static String noSocket() {
        return "Unix sockets are not supported; give a host and a port, such as jdbc:postgresql://localhost:5432/shop";
    }
}
