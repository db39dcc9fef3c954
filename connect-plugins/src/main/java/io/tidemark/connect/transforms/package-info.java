/** Transforms and predicates for topics of Tidemark and of Debezium, with schemas and without. */
@NullMarked
package io.tidemark.connect.transforms;

import org.jspecify.annotations.NullMarked;
