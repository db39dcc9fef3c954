package io.tidemark.projections;

import io.tidemark.model.Topics;
import io.tidemark.projections.internal.assembler.StepTopics;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/** The topics that Kafka Streams makes for an assembler, by name: what begins alike may be another model's. */
public final class AssemblerTopics {

    private AssemblerTopics() {}

    /**
     * Every name that one of them may have.
     *
     * @param build what the assembler is called after, see {@link Topics#build}
     * @param parts of the document: the names of references and children by their paths, {@code lines.product}
     */
    public static Set<String> of(Topics topics, String build, Collection<String> parts) {
        String application = application(topics, build);
        return StepTopics.of(build, parts).stream()
                .map(name -> application + "-" + name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The application's id, which is its group's, too. */
    public static String application(Topics topics, String build) {
        return topics.prefix() + "." + build;
    }
}
