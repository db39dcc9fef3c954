package io.tidemark.app.demo;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How the demo is run.
 *
 * @param scale of the shop: 1.0 has 50,000 orders
 * @param transactions of the traffic
 * @param seed of data and traffic
 * @param perSecond commits of the measured part of the traffic
 * @param own the user's schema and read models instead of the shop
 */
public record DemoSettings(double scale, int transactions, long seed, double perSecond, Optional<Own> own) {

    /** A schema with data, and the read models over it. */
    public record Own(Path sql, Path config) {}
}
