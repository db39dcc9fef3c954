/**
 * Capture: embedded Debezium reads the replication slot, and every change reaches its topic in the Kafka transaction of
 * the tidemark that covers it. The slot is the only checkpoint and is confirmed after that transaction.
 */
@NullMarked
package io.tidemark.capture;

import org.jspecify.annotations.NullMarked;
