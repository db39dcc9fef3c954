/**
 * The Kafka side of capture: topics, the transactional producer and the state record a capture starts from.
 * All reading is {@code read_committed}.
 */
@NullMarked
package io.tidemark.capture.internal.kafka;

import org.jspecify.annotations.NullMarked;
