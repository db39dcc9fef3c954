package io.tidemark.app.config;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses {@code http}. */
final class HttpParser {

    private static final String LISTEN = "listen";
    private static final String UNHEALTHY_AFTER = "unhealthy-after";
    private static final String DEFAULT_HOST = "127.0.0.1";
    private static final int DEFAULT_PORT = 8085;
    private static final int HIGHEST_PORT = 65_535;
    private static final Duration DEFAULT_UNHEALTHY_AFTER = Duration.ofMinutes(1);
    private static final Pattern ADDRESS = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9._-]+)):([0-9]{1,5})");

    private HttpParser() {}

    static HttpConfig parse(Section section) {
        section.allowOnly(List.of(LISTEN, UNHEALTHY_AFTER));
        Duration unhealthyAfter = section.optionalDuration(UNHEALTHY_AFTER).orElse(DEFAULT_UNHEALTHY_AFTER);
        return section.optionalText(LISTEN)
                .map(listen -> at(section, listen, unhealthyAfter))
                .orElse(new HttpConfig(DEFAULT_HOST, DEFAULT_PORT, unhealthyAfter));
    }

    private static HttpConfig at(Section section, Mention listen, Duration unhealthyAfter) {
        Matcher address = ADDRESS.matcher(listen.text());
        int port = address.matches() ? Integer.parseInt(address.group(3)) : HIGHEST_PORT + 1;
        if (port > HIGHEST_PORT) {
            if (!listen.text().isEmpty()) {
                section.problemWith(
                        listen,
                        LISTEN,
                        "expected an address such as 127.0.0.1:8085 or [::1]:8085, found '" + listen.text() + "'");
            }
            return new HttpConfig(DEFAULT_HOST, DEFAULT_PORT, unhealthyAfter);
        }
        String host = address.group(1) == null ? address.group(2) : address.group(1);
        return new HttpConfig(host, port, unhealthyAfter);
    }
}
