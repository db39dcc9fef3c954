package io.tidemark.localstack;

/** A server a local stack can start. */
public enum ServerKind {
    POSTGRES("PostgreSQL"),
    KAFKA("Kafka"),
    ELASTICSEARCH("Elasticsearch"),
    REDIS("Redis");

    private final String title;

    ServerKind(String title) {
        this.title = title;
    }

    /** The name to show to people. */
    public String title() {
        return title;
    }
}
