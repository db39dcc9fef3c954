package io.tidemark.model;

import java.util.regex.Pattern;

/** Names of the topics under one prefix. */
public record Topics(String prefix) {

    private static final Pattern UNSAFE = Pattern.compile("[^a-zA-Z0-9_-]");
    private static final Pattern UNSAFE_IN_BUILD = Pattern.compile("[^a-zA-Z0-9_.-]");

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

    /** Which generations of read models there are, one partition. */
    public String generations() {
        return prefix + ".generations";
    }

    /**
     * What topics, groups and applications of one build of a model are called after: the model of the first, {@code
     * orders.3} of a later one. Names of models have no dot.
     */
    public static String build(String model, int number) {
        return number == 1 ? model : model + "." + number;
    }

    /** The documents of a model, or of a {@link #build} of it. */
    public String documents(String model) {
        return prefix + "." + safeBuild(model) + ".documents";
    }

    /** What is parked of a model, or of a {@link #build} of it. */
    public String parked(String model) {
        return prefix + "." + safeBuild(model) + ".parked";
    }

    private static String safeBuild(String name) {
        return UNSAFE_IN_BUILD.matcher(name).replaceAll("_");
    }

    private static String safe(String name) {
        return UNSAFE.matcher(name).replaceAll("_");
    }
}
