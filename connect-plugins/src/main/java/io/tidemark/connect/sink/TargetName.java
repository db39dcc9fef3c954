package io.tidemark.connect.sink;

/** Names of targets that are made from the topic's. */
public final class TargetName {

    /** Stands for the topic's name. */
    public static final String TOPIC = "${topic}";

    private TargetName() {}

    /** The name with the topic's in it, in which everything but letters, digits and {@code _ -} is {@code _}. */
    public static String of(String template, String topic) {
        return template.replace(TOPIC, topic.replaceAll("[^A-Za-z0-9_-]", "_"));
    }
}
