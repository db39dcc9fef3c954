/**
 * Starts and stops real PostgreSQL, Kafka, Elasticsearch and Redis servers as child processes, on loopback, without Docker.
 * Start with {@link io.tidemark.localstack.LocalStack}; no server outlives the JVM that started it, however that JVM ends.
 */
@NullMarked
package io.tidemark.localstack;

import org.jspecify.annotations.NullMarked;
