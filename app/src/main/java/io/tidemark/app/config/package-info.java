/**
 * The configuration file: parsed once, with the place of every mention kept, into immutable records.
 * The resolver turns its read models into definitions by what the source's catalogue says.
 */
@NullMarked
package io.tidemark.app.config;

import org.jspecify.annotations.NullMarked;
