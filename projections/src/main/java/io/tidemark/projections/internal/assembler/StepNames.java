package io.tidemark.projections.internal.assembler;

/**
 * Names of a step's stores and topics, made from the node's path in the document ({@code orders}, {@code orders.lines}).
 * They appear in changelog topics and on disk: changing one is a change of format.
 */
record StepNames(String path) {

    StepNames {
        path = path.replaceAll("[^a-zA-Z0-9._-]", "_");
    }

    StepNames of(String name) {
        return new StepNames(path + "." + name);
    }

    String state() {
        return path + "-state";
    }

    String targets() {
        return path + "-targets";
    }

    /** Of the step that the root's documents go through when something else than its primary key tells them apart. */
    StepNames byKey() {
        return new StepNames(path + "-by-key");
    }

    String claimsTopic() {
        return path + "-claims";
    }

    String subscriptionsTopic() {
        return path + "-subscriptions";
    }

    String responsesTopic() {
        return path + "-responses";
    }

    String childrenTopic() {
        return path + "-children";
    }
}
