/**
 * What every store that keeps documents must do, as cases to run against its real server.
 * A store takes part by being a {@link io.tidemark.testkit.conformance.StoreUnderTest} and extending
 * {@link io.tidemark.testkit.conformance.DocumentStoreConformance}; where it differs it says so, with a reason.
 */
@NullMarked
package io.tidemark.testkit.conformance;

import org.jspecify.annotations.NullMarked;
