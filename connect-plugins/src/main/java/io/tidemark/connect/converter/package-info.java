/** A converter that gives Tidemark's topics, JSON without schemas, the schemas that the relations topic describes. */
@NullMarked
package io.tidemark.connect.converter;

import org.jspecify.annotations.NullMarked;
