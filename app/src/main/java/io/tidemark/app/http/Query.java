package io.tidemark.app.http;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The parameters of a request. What is wrong with them is a {@link TidemarkException} with code USAGE. */
public final class Query {

    private final Map<String, String> parameters = new LinkedHashMap<>();

    private Query() {}

    /** Parses what stands behind the question mark, percent-encoded; null when nothing does. */
    static Query parse(@Nullable String raw) {
        Query query = new Query();
        if (raw != null && !raw.isEmpty()) {
            for (String part : raw.split("&", -1)) {
                query.add(part);
            }
        }
        return query;
    }

    private void add(String part) {
        int equals = part.indexOf('=');
        if (equals < 1) {
            throw usage("'" + part + "' is no parameter of the form name=value");
        }
        String name = decode(part.substring(0, equals));
        if (parameters.putIfAbsent(name, decode(part.substring(equals + 1))) != null) {
            throw usage("parameter '" + name + "' is there twice");
        }
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw usage("'" + text + "' is not percent-encoded as it should be");
        }
    }

    /** Refuses every parameter that is not one of these. */
    public Query allowOnly(List<String> allowed) {
        for (String name : parameters.keySet()) {
            if (!allowed.contains(name)) {
                throw usage("unknown parameter '" + name + "'; there "
                        + (allowed.isEmpty() ? "are none" : "are " + String.join(", ", allowed)));
            }
        }
        return this;
    }

    /** A parameter that must be there and not empty. */
    String required(String name) {
        return optional(name).orElseThrow(() -> usage("parameter '" + name + "' is missing"));
    }

    /** A parameter; one without a value is as if it were not there. */
    Optional<String> optional(String name) {
        return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
    }

    static TidemarkException usage(String text) {
        return new TidemarkException(ErrorCode.USAGE, text);
    }
}
