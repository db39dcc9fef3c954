package io.tidemark.app.config;

import java.util.Comparator;

/** A place in the configuration file, or in the Java that stands for it; line and column count from 1, Java's column is 1. */
public record Place(String file, int line, int column) implements Comparable<Place> {

    private static final Comparator<Place> ORDER =
            Comparator.comparing(Place::file).thenComparingInt(Place::line).thenComparingInt(Place::column);

    @Override
    public int compareTo(Place other) {
        return ORDER.compare(this, other);
    }

    /** {@code tidemark.yml:12:5}. */
    @Override
    public String toString() {
        return file + ":" + line + ":" + column;
    }
}
