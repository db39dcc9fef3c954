package io.tidemark.projections.internal.assembler;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/** The topics that steps keep their state in and send edges through, without the application's id. */
public final class StepTopics {

    private static final String CHANGELOG = "-changelog";
    private static final String REPARTITION = "-repartition";

    private StepTopics() {}

    /**
     * Every name that a topic of a model may have, those included that this model does without.
     *
     * @param parts of the document, by their paths
     */
    public static Set<String> of(String model, Collection<String> parts) {
        StepNames root = new StepNames(model);
        Set<String> names = new HashSet<>();
        Stream.concat(Stream.of(root, root.byKey()), parts.stream().map(root::of))
                .forEach(step -> add(names, step));
        return names;
    }

    private static void add(Set<String> names, StepNames step) {
        names.add(step.state() + CHANGELOG);
        names.add(step.targets() + CHANGELOG);
        names.add(step.claimsTopic() + REPARTITION);
        names.add(step.subscriptionsTopic() + REPARTITION);
        names.add(step.responsesTopic() + REPARTITION);
        names.add(step.childrenTopic() + REPARTITION);
    }
}
