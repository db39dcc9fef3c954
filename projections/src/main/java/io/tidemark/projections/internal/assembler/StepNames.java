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

    String rows() {
        return path + "-rows";
    }

    /** What referenced rows and children contributed, one entry each. */
    String parts() {
        return path + "-parts";
    }

    String subscribers() {
        return path + "-subscribers";
    }

    /** What was emitted for a key, as far as withdrawing it needs. */
    String emitted() {
        return path + "-emitted";
    }

    String held() {
        return path + "-held";
    }

    String dirty() {
        return path + "-dirty";
    }

    String clock() {
        return path + "-clock";
    }

    String targets() {
        return path + "-targets";
    }

    String subscriptionClock() {
        return path + "-targets-clock";
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
