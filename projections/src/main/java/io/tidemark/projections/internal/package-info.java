/**
 * What projections share inside: the documents topic.
 * The assembler and the writing have packages of their own.
 */
@NullMarked
package io.tidemark.projections.internal;

import org.jspecify.annotations.NullMarked;
