package io.tidemark.connect.sink;

import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.ServedGeneration;
import java.util.Set;

/** A store as its sink's configuration describes it. */
public interface TargetStore {

    /**
     * What is written into it.
     *
     * @param topic the records'; a target may be named after it
     * @param generation of the read model
     * @param partitions of the topic, where applied tidemarks are saved; else 1
     */
    record Content(String topic, Generation generation, int partitions) {}

    /**
     * Reaches the server and signs in.
     *
     * @throws io.tidemark.model.TidemarkException UNREACHABLE
     */
    void check();

    /** A writer, not open yet. */
    DocumentWriter writer(Content content);

    /** Tells what the target's readers are given. */
    ServedGeneration served(Content content);

    /** The key of the configuration that says what the target is, for messages. */
    String targetKey();

    /** Its name, as the configuration gives it: {@value TargetName#TOPIC} in it makes one of each topic. */
    String name();

    /** The key of the configuration with {@link #name()}. */
    String nameKey();

    /** Names of the fields its keys have, for a topic; empty when the target does not say. */
    Set<String> keyNames(String topic);

    Versioning versioning();

    /** Whether it applies truncates of change topics. */
    boolean truncates();
}
