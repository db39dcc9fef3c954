/**
 * Plugins for Kafka Connect workers: sink connectors over the stores, transforms, predicates and a converter. Each family
 * is a package here and a zip of its own.
 */
@NullMarked
package io.tidemark.connect;

import org.jspecify.annotations.NullMarked;
