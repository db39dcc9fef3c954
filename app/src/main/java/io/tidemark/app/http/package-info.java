/**
 * The HTTP endpoint of a command that runs for long: metrics, health, and waiting for read tokens.
 * It only reads, and shows no configuration.
 */
@NullMarked
package io.tidemark.app.http;

import org.jspecify.annotations.NullMarked;
