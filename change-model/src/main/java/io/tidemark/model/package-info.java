/**
 * The words every Tidemark module speaks: changes, positions, tidemarks, keys, relations, topics and errors.
 * Values are immutable and know their JSON form; nothing here does I/O.
 */
@NullMarked
package io.tidemark.model;

import org.jspecify.annotations.NullMarked;
