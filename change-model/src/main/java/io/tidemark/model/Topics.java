package io.tidemark.model;

import java.util.regex.Pattern;

/** Names of the topics under one prefix. */
public record Topics(String prefix) {

    private static final Pattern UNSAFE = Pattern.compile("[^a-zA-Z0-9_-]");

    public Topics {
        if (!prefix.matches("[a-zA-Z0-9_-]{1,100}")) {
            throw new IllegalArgumentException(
                    "Topic prefix '" + prefix + "' may hold letters, digits, '_' and '-' only, at most 100");
        }
    }

    /** Change topic of a table; characters Kafka does not take in names become {@code _}. */
    public String changes(TableId table) {
        return prefix + "." + safe(table.schema()) + "." + safe(table.name());
    }

    public String tidemarks() {
        return prefix + ".tidemarks";
    }

    public String state() {
        return prefix + ".state";
    }

    /** Logical messages of the source, one partition. */
    public String messages() {
        return prefix + ".messages";
    }

    public String relations() {
        return prefix + ".relations";
    }

    /** What reconciliations found, one partition. */
    public String reconciliations() {
        return prefix + ".reconciliations";
    }

    public String documents(String model) {
        return prefix + "." + safe(model) + ".documents";
    }

    public String parked(String model) {
        return prefix + "." + safe(model) + ".parked";
    }

    private static String safe(String name) {
        return UNSAFE.matcher(name).replaceAll("_");
    }
}
