package io.tidemark.app.config;

import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * What every part of one file's parsing shares: its name, the substitution and the problems found so far. A node says
 * which file it is of: some may be written in Java.
 */
record Reading(String file, Substitution substitution, Problems problems) {

    Place place(Node node) {
        return node.getStartMark()
                .map(mark -> new Place(mark.getName(), mark.getLine() + 1, mark.getColumn() + 1))
                .orElse(new Place(file, 1, 1));
    }

    /** A scalar's text with references replaced; a problem is reported and gives the empty text. */
    Mention mention(ScalarNode scalar) {
        Place place = place(scalar);
        try {
            return new Mention(substitution.apply(scalar.getValue()), place);
        } catch (Substitution.UnresolvedException e) {
            problems.add(place, e.problem());
            return new Mention("", place);
        }
    }

    /** What was found, as the file writes it: substituted values are not shown. */
    static String found(Node node) {
        if (node instanceof MappingNode) {
            return "a mapping";
        }
        if (node instanceof SequenceNode) {
            return "a list";
        }
        return node instanceof ScalarNode scalar && !isNothing(scalar) ? "'" + scalar.getValue() + "'" : "nothing";
    }

    static boolean isNothing(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    /** Refuses collections that contain themselves through an alias. */
    boolean isFinite(CollectionNode<?> node) {
        if (node.isRecursive()) {
            problems.add(place(node), "an alias refers to the collection it is part of; write it out");
        }
        return !node.isRecursive();
    }
}
