package io.tidemark.app.run;

import io.tidemark.model.Topics;

/**
 * Which generation of a model a plan is about.
 *
 * @param assembly number of the generation whose documents it is written from
 * @param serves whether readers are given it: what the stores hold under the names of the file is this one's
 */
public record Build(int number, int assembly, boolean serves) {

    /** Of a model that was never built anew. */
    public static final Build FIRST = new Build(1, 1, true);

    /** What its groups and parked documents are called after. */
    String name(String model) {
        return Topics.build(model, number);
    }

    /** What its assembler and its documents are called after. */
    String assemblyName(String model) {
        return Topics.build(model, assembly);
    }

    /** {@code orders@3}; of the first the model's name alone. */
    String display(String model) {
        return number == 1 ? model : model + "@" + number;
    }
}
