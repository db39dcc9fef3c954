package io.tidemark.benchmarks;

import java.io.IOException;

/**
 * One run of one program over the backlog, in a process of its own. Made and prepared before the backlog is written, so
 * that its slot holds all of it.
 */
interface Contender extends AutoCloseable {

    /** As printed, the same for every run of the program. */
    String name();

    /** Makes the slot, and what else must be there before the backlog. */
    void prepare();

    /** Delivers the backlog; throws unless all of it arrived, once and unchanged. */
    Run run(Backlog backlog) throws IOException, InterruptedException;

    /** Drops the slot and what was delivered. */
    @Override
    void close();
}
