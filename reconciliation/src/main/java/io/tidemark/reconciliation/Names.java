package io.tidemark.reconciliation;

import java.util.Locale;

/** How enums are named in reports: {@code could_not_tell}. */
final class Names {

    private Names() {}

    static String of(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
