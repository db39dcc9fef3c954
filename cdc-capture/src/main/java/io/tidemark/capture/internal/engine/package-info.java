/**
 * The only package that touches Debezium: a connector whose replication stream hands the WAL's own messages through.
 * See docs/adr/0003.
 */
@NullMarked
package io.tidemark.capture.internal.engine;

import org.jspecify.annotations.NullMarked;
