package io.tidemark.benchmarks;

import java.util.function.Consumer;

/**
 * One go of the command.
 *
 * @param pairs of alternating runs
 * @param scale of the backlogs and the snapshot; 1 is what the targets are about
 * @param progress for people
 */
record Session(Testbed testbed, int pairs, double scale, int wideRows, Consumer<String> progress) {

    void say(String text) {
        progress.accept(text);
    }

    /** An empty table, before slots are made: a truncation would be in their WAL. */
    void begin(String what) {
        say(what);
        testbed.emptyTable();
    }
}
