package io.tidemark.app.config;

import java.util.regex.Pattern;

/** An address that may hold credentials; its own text hides them, {@link #value()} gives it whole. */
public record ConnectionUrl(String value) {

    private static final Pattern USER_INFO = Pattern.compile("//[^/@?]*(:[^/?]*)?@");
    private static final Pattern PARAMETERS =
            Pattern.compile("(?i)([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]*");

    @Override
    public String toString() {
        String withoutUser = USER_INFO.matcher(value).replaceAll("//***@");
        return PARAMETERS.matcher(withoutUser).replaceAll("$1***");
    }
}
