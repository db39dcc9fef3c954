/**
 * What a read model is made of: the tree of tables behind a document, or the tables of a mirror.
 * The assembler builds documents from a definition and reconciliation generates the proving SQL from the same one.
 */
@NullMarked
package io.tidemark.model.definition;

import org.jspecify.annotations.NullMarked;
