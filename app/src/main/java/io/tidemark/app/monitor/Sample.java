package io.tidemark.app.monitor;

/**
 * A part at one moment.
 *
 * @param part its name, for people
 * @param progress any number that changes when the part moves
 * @param hasWork whether it ought to move
 * @param waitsFor what it does not move without, for people
 */
record Sample(String part, long progress, boolean hasWork, String waitsFor) {}
