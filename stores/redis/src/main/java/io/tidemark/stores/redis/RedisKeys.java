package io.tidemark.stores.redis;

import io.tidemark.model.store.Generation;

/** Names of Tidemark's own keys. */
final class RedisKeys {

    /** No document's key begins with this. */
    static final String OURS = "_tidemark:";

    /** How the marker of a deleted document ends, where documents expire. */
    static final String DELETED = " deleted";

    /** Of what is known of a decision, the model that it was about. */
    static final String MODEL = "model";

    private RedisKeys() {}

    /** Hash with the generation's lineage, partitions and applied tidemarks. */
    static String bookkeeping(Generation generation) {
        return OURS + "applied:" + generation;
    }

    /** Says whose keys are that no generation takes over. */
    static String owner(String glob) {
        return OURS + "owner:" + glob;
    }

    /** How many writes one writer had confirmed, in the hash slot of the bookkeeping. */
    static String writes(Generation generation, String writer) {
        return OURS + "writes:{" + bookkeeping(generation) + "}:" + writer;
    }

    /**
     * Where a document's delete is remembered, and the newest version of one that expires: in the document's own hash slot, so that on a Redis Cluster one script
     * may touch both. A slot is the hash of what stands between the first braces, else of the whole key.
     * A Cluster therefore refuses (rejects) documents whose key has a closing brace but no such pair.
     */
    static String tombstone(String documentKey) {
        return OURS + "deleted:" + (hasTag(documentKey) ? ":" + documentKey : "{" + documentKey + "}");
    }

    /** Where a generation that readers are not given has a document: in the same hash slot. */
    static String aside(String documentKey, Generation generation) {
        return asidePrefix(generation) + (hasTag(documentKey) ? ":" + documentKey : "{" + documentKey + "}");
    }

    static String asidePrefix(Generation generation) {
        return OURS + "of:" + generation.number() + ":" + generation.model() + ":";
    }

    /** The document's key of a key {@link #aside}. */
    static String served(String aside, Generation generation) {
        String rest = aside.substring(asidePrefix(generation).length());
        return rest.startsWith(":") ? rest.substring(1) : rest.substring(1, rest.length() - 1);
    }

    /** Says which generation has the keys of a template. */
    static String serving(String keyTemplate) {
        return OURS + "serving:" + keyTemplate;
    }

    /** Says which generation's own keys readers are to ask. */
    static String pointer(String keyTemplate) {
        return OURS + "pointer:" + keyTemplate;
    }

    /** What is known of the decision by which one of the two was said. */
    static String decided(String said) {
        return OURS + "decided:" + said.substring(OURS.length());
    }

    private static boolean hasTag(String key) {
        int open = key.indexOf('{');
        return open >= 0 && key.indexOf('}', open) > open + 1;
    }
}
